"""Rows that a signal's files lost at ingest, and of which days, as far as the store knows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bessline.store import Store, rejects
from bessline.store.manifest import FileEntry
from bessline.store.signed import damaged

#: More lines than this in the reject files of one signal are not looked through for their days, nor larger files.
MOST_LINES, MOST_BYTES = 100_000, 64 << 20
_DATE = re.compile(r"\D{0,4}(\d{4}-\d\d-\d\d)(?:[T ]|$)", re.ASCII)


@dataclass(slots=True)
class Losses:
    """What became of the rows of one signal's files.

    Parameters
    ----------
    rows, duplicates, replaced, rejected: of all files together: rows read; the same row again; rows that lost against
        another value of their stamp; rows that could not be read.
    shared: how many of the files hold other signals too, so that these counts are not this signal's alone.
    replaced_on, rejected_on: by local day; ``None`` where the days are not known: a rejected line need not carry one, a
        file may be of several signals, there may be too many, the lines may be there no more.
    """

    rows: int = 0
    duplicates: int = 0
    replaced: int = 0
    rejected: int = 0
    shared: int = 0
    replaced_on: Counter[date] | None = field(default_factory=Counter)
    rejected_on: Counter[date] | None = field(default_factory=Counter)


def losses(store: Store, device_id: str, name: str, *, timezone: str | None) -> Losses:
    """The losses of the stored signal `name` (``topic.field``) of a device. Reads its reject files.

    Raises
    ------
    StoreDamaged
        one of these is not what was written.
    """
    signal = f"{device_id}/{name}"
    found = Losses()
    files = [file for file in store.manifest.files.values() if signal in file.signals]
    for file in files:
        found.rows += file.rows
        found.duplicates += file.duplicates
        found.replaced += file.conflicts
        found.rejected += file.rejected
        found.shared += len(file.signals) > 1
    _date(found, store.path, files, signal=signal, zone=ZoneInfo(timezone or "UTC"))
    return found


def _date(found: Losses, store: Path, files: list[FileEntry], *, signal: str, zone: ZoneInfo) -> None:
    lines = 0
    for file in files:
        alone = len(file.signals) == 1
        if file.rejected and not (alone and file.reject_files):
            found.rejected_on = None
        if file.conflicts and not file.reject_files:
            found.replaced_on = None
        for name in file.reject_files:
            told = _lines(store / name)
            lines += len(told or ())
            if told is None or lines > MOST_LINES:
                found.replaced_on = found.rejected_on = None
                return
            for reason, text in told:
                if reason == rejects.REPLACED:
                    _count_replaced(found, text, signal=signal, zone=zone)
                elif alone:
                    _count_rejected(found, text)


def _lines(path: Path) -> list[tuple[str, str]] | None:
    """Reason and text of at most one line more than are looked through; None where a later ingest removed the file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        rejects.check(path)
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows, None)
            return [(row[2], row[3]) for row, _ in zip(rows, range(MOST_LINES + 1), strict=False) if len(row) > 3]
    except FileNotFoundError:
        return None
    except (csv.Error, UnicodeDecodeError) as error:  # of an earlier version, without a checksum
        raise damaged(path, error) from error


def _count_replaced(found: Losses, text: str, *, signal: str, zone: ZoneInfo) -> None:
    name, _, rest = text.partition(" ")
    if name == signal and found.replaced_on is not None:
        try:
            stamp = datetime.fromisoformat(rest.partition(" ")[0])
        except ValueError:
            found.replaced_on = None
        else:
            found.replaced_on[stamp.astimezone(zone).date()] += 1


def _count_rejected(found: Losses, text: str) -> None:
    """By the day that the line itself names, which is a local one; one that names none leaves all days unknown."""
    match = _DATE.match(text)
    if found.rejected_on is None:
        return
    try:
        found.rejected_on[date.fromisoformat(match[1] if match else "")] += 1
    except ValueError:
        found.rejected_on = None
