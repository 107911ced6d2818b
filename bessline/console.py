"""What the command line prints: results to the one output, what a person should know beside them to the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from bessline.check import Table, check_store
from bessline.store import IngestReport, Store

#: In a file or a pipe no table is folded to a terminal's width.
OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 220)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
#: So many things of a kind are named; there may be thousands.
_NAMED = 20


def print_report(report: IngestReport, where: Path) -> None:
    """What an ingest did to the store `where`: what it left out, and its figures."""
    _print_some("refused", report.refused)
    if report.left_aside:
        ERR.print(f"left aside, not ending as data files do: {report.left_aside}", markup=False)
    _print_some("note", [f"{rows:,} rows: {text}" for text, rows in report.notes.items()])
    _print_some("rows that could not be taken are kept in", report.reject_files)
    rate = report.bytes / 1e6 / report.seconds if report.seconds else 0.0
    OUT.print(
        f"{where}: {report.files:,} files, {report.rows:,} rows in {report.seconds:.1f} s ({rate:.0f} MB/s);"
        f" {report.unchanged:,} files unchanged, {report.duplicates:,} duplicates, {report.conflicts:,} replaced,"
        f" {report.rejected:,} rejected, {len(report.refused):,} files refused",
        markup=False,
    )


def _print_some(what: str, found: Sequence[object]) -> None:
    for each in found[:_NAMED]:
        ERR.print(f"{what}: {each}", markup=False)
    if len(found) > _NAMED:
        ERR.print(f"{what}: {len(found) - _NAMED:,} more")


def print_check(store: Store) -> None:
    """What a store holds."""
    found = check_store(store)
    for table in found.tables:
        OUT.print(_rich(table))
    for sentence in found.sentences:
        OUT.print(sentence, markup=False)


def _rich(table: Table) -> RichTable:
    drawn = RichTable(*table.columns, title=table.title, title_justify="left", box=None, pad_edge=False)
    for row in table.rows:
        drawn.add_row(*row)
    return drawn
