"""Blocks of CSV that are not clean: every row that can be read is read, every other is named with the reason."""

from __future__ import annotations

import polars as pl

from bessline.sources.base import Rejects
from bessline.sources.batch import Batch
from bessline.sources.cells import Cells
from bessline.sources.csv_blocks import Block
from bessline.sources.csv_parse import Layout
from bessline.sources.local_time import LocalTime
from bessline.sources.text_cells import Ledger, numbers, reject_cells, stamped


def parse_tolerant(block: Block, layout: Layout, clock: LocalTime | None) -> tuple[Batch, Rejects | None]:
    """Read what can be read of `block`; `clock` is ``None`` where no zone is known.

    >>> layout = Layout(("ts", "soc"), 0, (1,))
    >>> batch, rejects = parse_tolerant(Block(b"1970-01-01 00:00:01Z,41\\nnonsense\\n", 2), layout, None)
    >>> batch.t_ms.tolist(), rejects.table["line"].to_pylist(), rejects.table["reason"].to_pylist()
    ([1000], [3], ['has 1 column where the header has 2 (ts,soc)'])
    """
    ledger = Ledger()
    frame = rows_of(block, layout, ledger=ledger)
    frame, t_ms = stamped(frame, cell(frame, layout.stamp), clock=clock, ledger=ledger)
    values, bad, written = [], [], Cells(layout.delimiter, layout.decimal, layout.thousands)
    for at in layout.values:
        cells, whole = cell(frame, at), at in layout.whole
        value, wrong = numbers(cells, written=written, whole=whole)
        if wrong is not None:
            column = layout.header[at] if len(layout.values) > 1 else ""
            reject_cells(frame, cells, wrong, column=column, whole=whole, ledger=ledger)
        values.append(value)
        bad.append(wrong)
    return Batch(t_ms, tuple(values), tuple(bad)), ledger.rejects()


def rows_of(block: Block, layout: Layout, *, ledger: Ledger) -> pl.DataFrame:
    """The lines that have a cell for each column: columns `line`, `text` and the list `cells`; others are rejected."""
    return _whole_rows(_lines(block), layout, ledger=ledger)


def _lines(block: Block) -> pl.DataFrame:
    """Columns `line` and `text`, without the blank lines."""
    text = block.data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    lines = pl.Series("text", text.split("\n"), dtype=pl.String).str.strip_suffix("\r")
    frame = lines.to_frame().with_row_index("line", offset=block.first_line)
    return frame.filter(pl.col("text").str.strip_chars() != "")


def _whole_rows(frame: pl.DataFrame, layout: Layout, *, ledger: Ledger) -> pl.DataFrame:
    """Add the list column `cells`; rows with too few, too many or unbalanced cells are rejected."""
    mark, width = layout.delimiter, len(layout.header)
    frame = frame.with_columns(quoted=pl.col("text").str.contains('"', literal=True))
    cells = pl.col("text").str.split(mark)
    if frame["quoted"].any():
        cells = pl.when("quoted").then(_quoted_cells(mark)).otherwise(cells)
    frame = frame.with_columns(cells=cells).with_columns(found=pl.col("cells").list.len())
    broken = frame.filter(pl.col("found").is_null())
    ledger.add(broken, pl.lit('the quotes do not match; write "..." around a whole cell, or no quotes'))
    header = mark.join(layout.header)[:80]
    plural = pl.when(pl.col("found") == 1).then(pl.lit(" column")).otherwise(pl.lit(" columns"))
    reason = pl.lit("has ") + pl.col("found").cast(pl.String) + plural + f" where the header has {width} ({header})"
    ledger.add(frame.filter(pl.col("found") != width), reason)
    return frame.filter(pl.col("found") == width)


def _quoted_cells(mark: str) -> pl.Expr:
    """Cells with the delimiter before each, null where the quotes of the line do not match."""
    sign = "\\" + mark
    line = pl.lit(mark) + pl.col("text")
    cells = line.str.extract_all(rf'{sign} *"(?:[^"]|"")*" *|{sign}[^"{sign}]*')
    return pl.when(cells.list.join("") == line).then(cells.list.eval(pl.element().str.slice(1)))


def cell(frame: pl.DataFrame, at: int) -> pl.Series:
    """Column number `at` of the cells, without the quotes around them."""
    raw = frame["cells"].list.get(at)
    inner = raw.str.strip_chars(" \t")
    is_quoted = inner.str.starts_with('"') & inner.str.ends_with('"')
    if not is_quoted.any():
        return raw
    unquoted = inner.str.slice(1).str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    return unquoted.zip_with(is_quoted, raw)
