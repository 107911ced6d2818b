"""Commands that look after a store. A shell, mounted by the command line."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from bessline.analyst.database import FILE as ANALYTICS
from bessline.console import ERR, OUT
from bessline.errors import StoreDamaged
from bessline.progress import progress
from bessline.store.compact import compact
from bessline.store.lock import disk_errors, hold
from bessline.store.manifest_file import MANIFEST
from bessline.store.repair import QUARANTINE, Repaired, repair
from bessline.store.retention import parse_keeping
from bessline.store.verify import Damage, verify

#: How `verify` ends: with damage, with damage that was repaired, and with some that could not be.
DAMAGED, REPAIRED, LOST = StoreDamaged.exit_code, 16, 17


def verify_command(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", show_default=False)],
    repair_it: Annotated[
        bool, typer.Option("--repair", help="Put damaged files in quarantine and make them again.")
    ] = False,
) -> None:
    """Read every file of a store and check it against its checksums. A server may run meanwhile."""
    with progress() as tell:
        verdict = verify(store, tell=tell)
    damages = [*verdict.damages, *_analytics(store)]
    for note in verdict.notes:
        ERR.print(f"note: {note}", markup=False)
    if verdict.unsigned:
        ERR.print(f"note: {verdict.unsigned:,} files are of an earlier version: only their pages have checksums")
    for damage in damages:
        OUT.print(f"{damage.file}: {damage.reason}", markup=False)
    if not damages:
        OUT.print(f"{store}: {verdict.files:,} files, all whole", markup=False)
        return
    if not repair_it:
        OUT.print(
            f"{store}: {len(damages):,} of {verdict.files:,} files are damaged; --repair mends what can be mended"
        )
        raise typer.Exit(DAMAGED)
    raise typer.Exit(_repaired(store, damages))


def compact_command(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", show_default=False)],
    keep: Annotated[
        list[str] | None,
        typer.Option(
            envvar="BESSLINE_KEEP",
            help="How long rows or a level are kept, as raw=400d or 5min=5y; repeat it. What is not named: for ever.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Move live input into the files, drop what is too old, write what is of an earlier version anew, and clean up."""
    keeping = parse_keeping(keep or [])
    with progress() as tell:
        done = compact(store, keeping=keeping, tell=tell)
    OUT.print(
        f"{store}: {done.sealed:,} values of live input moved into the files, {done.rewritten:,} devices written anew,"
        f" {done.dropped:,} values too old dropped, {done.removed:,} files removed, {done.freed:,} bytes freed",
        markup=False,
    )


def _repaired(store: Path, damages: list[Damage]) -> int:
    done = repair(store, [damage for damage in damages if damage.kind != "analytics"])
    if any(each.damage.file == MANIFEST for each in done):
        # what it names was not looked at
        done += repair(store, verify(store).damages)
    done += [_analytics_anew(store, damage) for damage in damages if damage.kind == "analytics"]
    for each in done:
        OUT.print(f"{each.damage.file}: {each.outcome}", markup=False)
    OUT.print(f"{store}: what was damaged is kept in {store / QUARANTINE}", markup=False)
    return REPAIRED if all(each.is_whole for each in done) else LOST


def _analytics(store: Path) -> list[Damage]:
    """What is wrong with what the analytics found, if anything."""
    path = store / ANALYTICS
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.OperationalError:  # busy, or not to be read: nothing is known to be wrong
        return []
    except sqlite3.DatabaseError as error:
        found = str(error)
    return [] if found == "ok" else [Damage(ANALYTICS, "analytics", f"is damaged ({found.splitlines()[0]})")]


def _analytics_anew(store: Path, damage: Damage) -> Repaired:
    with disk_errors(store):
        handle = hold((store / ANALYTICS).with_suffix(".lock"))
        if handle is None:
            return Repaired(
                damage, is_whole=False, outcome="left as it is: a server uses it; begun anew at its next start"
            )
        try:
            (store / QUARANTINE).mkdir(exist_ok=True)
            for path in store.glob(f"{ANALYTICS}*"):
                path.replace(store / QUARANTINE / path.name)
        finally:
            os.close(handle)
    return Repaired(damage, is_whole=True, outcome="removed; a server finds again what it held")
