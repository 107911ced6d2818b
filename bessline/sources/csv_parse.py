"""Clean blocks of CSV, as fast as pyarrow parses them. What is not clean is left to the tolerant reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from bessline.sources.base import MISSING_MARKERS, Float64, Int64
from bessline.sources.csv_fixed import parse_fixed
from bessline.sources.decimals import Decimals, Numbers
from bessline.sources.seconds import Seconds, Stamps
from bessline.sources.stamps import END_MS, FIRST_MS

_MARKERS = sorted({form for word in MISSING_MARKERS for form in (word, word.upper(), word.capitalize(), word.title())})
_MARKER_FORMS = [*_MARKERS, "NaN"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one file are written.

    Parameters
    ----------
    header: the columns' names.
    stamp: place of the stamp's column.
    values: places of the columns to read, each once.
    whole: those of them that may hold whole numbers only.
    stamps_have_offsets: the stamps say their zone (only a guess from the first row).
    stamps_are_fine: the stamps have more than three decimals of a second (a guess, too).
    """

    header: tuple[str, ...]
    stamp: int
    values: tuple[int, ...]
    whole: frozenset[int] = frozenset()
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    stamps_have_offsets: bool = False
    stamps_are_fine: bool = False

    @property
    def is_plain_signal(self) -> bool:
        """Whether the rows are a stamp of the wall clock and one number."""
        is_pair = len(self.header) == 2 and self.stamp == 0 and self.values == (1,)
        return is_pair and not self.stamps_have_offsets and not self.stamps_are_fine


class Parsed(NamedTuple):
    """Rows of whole lines, in their order.

    Parameters
    ----------
    stamps: UTC if `Layout.stamps_have_offsets`, else of the wall clock.
    values: n numbers for each of `Layout.values`, NaN for a missing marker.
    by_line: whether each line is one row; else some may be blank.
    """

    stamps: Stamps
    values: tuple[Numbers, ...]
    by_line: bool


def parse_clean(data: bytes | memoryview, layout: Layout) -> Parsed | None:
    """Parse whole lines of `data`; ``None`` if anything in them is out of the ordinary.

    >>> layout = Layout(("ts", "soc"), 0, (1,))
    >>> parse_clean(b"1970-01-01 00:00:01,4.1E1\\n", layout)
    Parsed(stamps=array([1000]), values=(array([41.]),), by_line=False)
    >>> parse_clean(b"1970-01-01 00:00:01,high\\n", layout)
    """
    if layout.is_plain_signal:
        fixed = parse_fixed(data, delimiter=layout.delimiter, decimal=layout.decimal)
        if fixed is not None:
            return _checked(Parsed(fixed[0], (fixed[1],), by_line=True), layout)
    return _parse_general(bytes(data), layout)


def _parse_general(data: bytes, layout: Layout) -> Parsed | None:
    # A quote may hide a line's end or half a number, and a bare carriage return counts as a line there but not here.
    if b'"' in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    try:
        table = _read(data, layout)
    except pa.ArrowInvalid:
        return None
    stamps = table.column(0)
    if stamps.null_count or not len(stamps):
        return None
    t_ms = _milliseconds(stamps, fine=layout.stamps_are_fine)
    values = tuple(table.column(n + 1).to_numpy() for n in range(len(layout.values)))
    return _checked(Parsed(t_ms, values, by_line=False), layout)


def _checked(parsed: Parsed, layout: Layout) -> Parsed | None:
    stamps = parsed.stamps
    # seconds reach from the first instant on, and not as far as the last
    if not isinstance(stamps, Seconds) and (stamps.min() < FIRST_MS or stamps.max() >= END_MS):
        return None
    columns = zip(layout.values, parsed.values, strict=True)
    return parsed if all(_is_plain(value, whole=at in layout.whole) for at, value in columns) else None


def _read(data: bytes, layout: Layout) -> pa.Table:
    names = [str(n) for n in range(len(layout.header))]
    unit = "us" if layout.stamps_are_fine else "ms"
    types = {names[at]: pa.float64() for at in layout.values}
    types[names[layout.stamp]] = pa.timestamp(unit, "UTC" if layout.stamps_have_offsets else None)
    return pa_csv.read_csv(
        pa.BufferReader(data),
        read_options=pa_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=types,
            include_columns=[names[layout.stamp], *(names[at] for at in layout.values)],
            null_values=_MARKER_FORMS,
            decimal_point=layout.decimal,
            timestamp_parsers=[pa_csv.ISO8601],
        ),
    )


def _milliseconds(stamps: pa.ChunkedArray, *, fine: bool) -> Int64:
    ticks: Int64 = stamps.cast(pa.int64()).to_numpy()
    return ticks // 1000 if fine else ticks


def _is_plain(value: Numbers, *, whole: bool) -> bool:
    if isinstance(value, Decimals):
        return not whole or value.with_places(0) is not None
    if np.isinf(value).any():
        return False
    return not whole or not is_fractional(value).any()


def is_fractional(value: Float64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of float64[n] are numbers, but not whole ones.

    >>> is_fractional(np.array([1.0, 0.5, np.nan])).tolist()
    [False, True, False]
    """
    with np.errstate(invalid="ignore"):
        fractional: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.isfinite(value) & (np.floor(value) != value)
    return fractional
