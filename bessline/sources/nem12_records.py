"""The records of NEM12 files: what a line says, and what is wrong with it.

Source: AEMO, Meter data file format specification NEM12 and NEM13.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bessline.errors import SourceError
from bessline.sources.csv_blocks import unreadable
from bessline.sources.described import check_device

_MARKET_MS = 10 * 3_600_000
DAY_MIN = 1440
_KWH = {"WH": 1e-3, "KWH": 1.0, "MWH": 1e3}
_KVARH = {"VARH": 1e-3, "KVARH": 1.0, "MVARH": 1e3}
_SNIFFED = 4096


@dataclass(frozen=True, slots=True)
class Channel:
    """One register of a meter, as its 200 record says. `scale` makes kWh (or kvarh) of its numbers."""

    nmi: str
    registers: frozenset[str]
    suffix: str
    unit: str
    scale: float
    minutes: int

    @property
    def field(self) -> str:
        """The name of its energies."""
        return f"{self.suffix.lower()}_{self.unit}"

    @property
    def sign(self) -> int:
        """What it adds to the net import: 1, -1, or nothing."""
        return {"E": 1, "B": -1}.get(self.suffix[:1], 0) if self.unit == "kwh" else 0


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def midnight_ms(text: str) -> int:
    """The first instant (ms, UTC) of a day of the market, written 20240501; ValueError for what is no date."""
    try:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text[:20]!r} is no date; it is written 20240501") from None
    return round(day.timestamp() * 1000) - _MARKET_MS


def channel_of(cells: list[str]) -> Channel:
    """The channel of a 200 record; ValueError says what is wrong with it.

    >>> channel_of("200,NCDE001111,E1B1Q1,1,E1,N1,METSER123,Wh,15,".split(",")).field
    'e1_kwh'
    """
    if len(cells) < 9:
        raise ValueError(f"a 200 record has 10 cells, this one {len(cells)}")
    nmi, configuration, suffix, unit, minutes = cells[1], cells[2], cells[4], cells[7].upper(), cells[8]
    if minutes not in ("5", "15", "30"):
        raise ValueError(f"intervals of {minutes[:20]!r} minutes; there are 5, 15 and 30")
    kinds = {"kwh": _KWH, "kvarh": _KVARH}
    found = next(((name, scales[unit]) for name, scales in kinds.items() if unit in scales), None)
    if found is None:
        raise ValueError(f"unit {cells[7][:20]!r}; there are {', '.join([*_KWH, *_KVARH])}")
    if not (len(suffix) == 2 and suffix.isalnum() and suffix.isascii()):
        raise ValueError(f"{suffix[:20]!r} is no channel; it is written E1")
    check_device(nmi)
    pairs = {configuration[n : n + 2] for n in range(0, len(configuration), 2)}
    registers = frozenset(pair for pair in pairs if pair[:1] in ("E", "B"))
    return Channel(nmi, registers, suffix, *found, int(minutes))


def records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each record.

    Raises
    ------
    SourceError
        the file cannot be read, or does not begin with a 100 record.
    """
    begun = False
    try:
        with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as lines:
            for line, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                cells = [cell.strip() for cell in next(csv.reader([text.strip()]))]
                if not begun and cells[:2] != ["100", "NEM12"]:
                    raise SourceError("does not begin with a header record (100,NEM12,...)", path=path, line=line)
                begun = True
                yield line, cells
    except OSError as error:
        raise unreadable(path, error) from error
    except csv.Error as error:
        raise SourceError(f"is no NEM12 file ({error})", path=path) from error


def is_nem12(path: Path) -> bool:
    """Whether the file begins like one, header or not; a file that cannot be read does not."""
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        return False
    return start.startswith((b"100,NEM12", b"200,"))
