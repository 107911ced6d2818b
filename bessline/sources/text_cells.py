"""Columns of text -> stamps and numbers, naming every cell that is neither."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from bessline.sources.base import MISSING_MARKERS, REJECT_SCHEMA, Float64, Int64, Rejects
from bessline.sources.cells import PLAIN, Cells
from bessline.sources.csv_blocks import TEXT_CHARS
from bessline.sources.csv_parse import is_fractional
from bessline.sources.local_time import MISSING_HOUR, REPEATED_HOUR, LocalTime, Mask
from bessline.sources.stamps import END_MS, FIRST_MS, HOW_TO_WRITE
from bessline.sources.text_stamps import parse_stamps

_SHOWN_CHARS = 60
#: Digits with something between them that a description may explain.
_OTHERWISE_WRITTEN = r"^\s*[+-]?\d[\d.]*[,' ]\d[\d.,' ]*$"
_HOW_WRITTEN = "; say `decimal:` and `thousands:` in a description (bessline.yaml)"
_NO_ZONE = "the stamp says no zone and none is known; give --timezone Europe/Berlin or `timezone:` in bessline.yaml"


class Ledger:
    """Collects the rejected rows of one block."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame, reason: pl.Expr) -> None:
        """`frame` has columns `line` and `text`; `reason` is a string expression over it."""
        if len(frame):
            text = pl.col("text").str.slice(0, TEXT_CHARS)
            self._parts.append(frame.select(pl.col("line").cast(pl.Int64), reason=reason, text=text))

    def rejects(self) -> Rejects | None:
        """All of them in the order of the file; ``None`` when there are none."""
        if not self._parts:
            return None
        table = pl.concat(self._parts).sort("line", maintain_order=True).to_arrow()
        return Rejects(table.cast(REJECT_SCHEMA))


def shown(column: str) -> pl.Expr:
    """What stands in a cell, quoted and short, for a reason."""
    return pl.lit("'") + pl.col(column).str.strip_chars().str.slice(0, _SHOWN_CHARS) + pl.lit("'")


def stamped(
    frame: pl.DataFrame, stamps: pl.Series, *, clock: LocalTime | None, ledger: Ledger
) -> tuple[pl.DataFrame, Int64]:
    """The rows of `frame` whose stamp can be taken, and those stamps: int64[n] UTC milliseconds.

    `clock` is ``None`` where no zone is known; then a stamp needs its offset.
    """
    wall_ms, offset_ms, state = parse_stamps(stamps)
    frame = frame.with_columns(stamp=stamps)
    t_ms = wall_ms - offset_ms
    good = settle(t_ms, state, lambda mask: frame.filter(pl.Series(mask)), clock=clock, ledger=ledger)
    return (frame, t_ms) if good.all() else (frame.filter(pl.Series(good)), t_ms[good])


def settle(
    t_ms: Int64, state: Int64, rows: Callable[[Mask], pl.DataFrame], *, clock: LocalTime | None, ledger: Ledger
) -> Mask:
    """Turn the naive ones of `t_ms` into UTC, in place, and enter into `ledger` what cannot be taken.

    `state`: int64[n], -1 no stamp, 0 naive, 1 UTC. `rows` gives the masked rows with `line`, `text` and `stamp`.
    Returns bool[n], the rows to go on with.
    """
    if (state < 0).any():
        ledger.add(rows(state < 0), shown("stamp") + f" is not a timestamp; {HOW_TO_WRITE}")
    outside = (state >= 0) & ((t_ms < FIRST_MS) | (t_ms >= END_MS))
    if outside.any():
        ledger.add(rows(outside), shown("stamp") + pl.lit(" is outside the years 1970 to 2200"))
    good: Mask = (state >= 0) & ~outside
    naive = good & (state == 0)
    if not naive.any():
        return good
    if clock is None:
        ledger.add(rows(naive), pl.lit(_NO_ZONE))
        good &= state != 0
        return good
    converted = clock.to_utc(t_ms[naive])
    t_ms[naive] = converted.t_ms
    if converted.problem is not None:
        problem = np.zeros(len(t_ms), np.uint8)
        problem[naive] = converted.problem
        for kind in (MISSING_HOUR, REPEATED_HOUR):
            ledger.add(rows(problem == kind), shown("stamp") + pl.lit(f": {clock.reason(kind)}"))
        good &= problem == 0
    return good


def numbers(cells: pl.Series, *, written: Cells = PLAIN, whole: bool = False) -> tuple[Float64, Mask | None]:
    """Read a column of text.

    Returns
    -------
    value: float64[n], NaN for a missing marker (and for what could not be read).
    bad: bool[n], what could not be read; ``None`` where all could.

    >>> value, bad = numbers(pl.Series(["3.3", " Unavailable", "", "high", "inf"]))
    >>> value.tolist(), bad.tolist()
    ([3.3, nan, nan, nan, nan], [False, False, False, True, True])
    """
    text = cells.str.strip_chars(" \t")
    missing = text.str.to_lowercase().is_in(MISSING_MARKERS)
    if written.thousands:
        text = _ungrouped(text, written)
    if written.decimal == ",":
        # A point beside a decimal comma separates thousands: to take it for a decimal would be a thousand times off.
        text = text.str.replace_all(".", "?", literal=True).str.replace(",", ".", literal=True)
    number = text.cast(pl.Float64, strict=False)
    value = number.fill_null(float("nan")).to_numpy(writable=True)
    bad = (number.is_null() & ~missing).to_numpy() | np.isinf(value)
    if whole:
        bad = bad | is_fractional(value)
    value[bad] = np.nan
    return value, bad if bad.any() else None


def _ungrouped(text: pl.Series, written: Cells) -> pl.Series:
    """Without what stands between groups of three digits; a number that is grouped otherwise stays as it is."""
    mark, point = re.escape(written.thousands), re.escape(written.decimal)
    grouped = text.str.contains(rf"^[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:{point}\d*)?$").fill_null(value=False)
    return text.str.replace_all(written.thousands, "", literal=True).zip_with(grouped, text)


def reject_cells(frame: pl.DataFrame, cells: pl.Series, bad: Mask, *, column: str, whole: bool, ledger: Ledger) -> None:
    """Enter the `bad` ones of `cells`; `column` names the column where there are several, else is empty."""
    how = "a whole number such as 1" if whole else "a number such as -12.5"
    where = f"{column}: " if column else ""
    written = pl.col("cell").str.contains(_OTHERWISE_WRITTEN)
    instead = pl.when(written).then(pl.lit(_HOW_WRITTEN)).otherwise(pl.lit("; a missing value is left empty"))
    reason = pl.lit(where) + shown("cell") + f" is not {how}" + instead
    ledger.add(frame.with_columns(cell=cells).filter(pl.Series(bad)), reason)
