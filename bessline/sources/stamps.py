"""Timestamps written as text, a whole column at a time."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from bessline.sources.base import Int64

HOW_TO_WRITE = "write it like 2024-05-01 13:45:00, or with its offset like 2024-05-01T13:45:00+02:00"
#: First and last instant (exclusive) that a stamp may have, UTC: 1970 and 2201.
FIRST_MS, END_MS = 0, int(np.datetime64("2201-01-01", "ms").astype(np.int64))

_HOUR, _MINUTE = r"(?:[01]\d|2[0-3])", r"[0-5]\d"
_CLOCK = rf"[ Tt]({_HOUR}(?::{_MINUTE}(?::{_MINUTE})?)?)(?:\.(\d+))?"
_OFFSET = rf"\s*([Zz]|[+-]{_HOUR}(?::?{_MINUTE})?)?"
_STAMP = rf"^\s*(\d{{4}}-\d\d-\d\d)(?:{_CLOCK}{_OFFSET})?\s*$"
_ONE_STAMP = re.compile(_STAMP, re.ASCII)


def is_stamp(text: str) -> bool:
    """Whether `text` looks like a stamp.

    >>> is_stamp("2024-05-01 00:00:07"), is_stamp("ts"), is_stamp("2024-05-01 00:0")
    (True, False, False)
    """
    return _ONE_STAMP.match(text) is not None


def has_offset(text: str) -> bool:
    """Whether the stamp `text` says its zone.

    >>> has_offset("2024-05-01T00:00:07Z"), has_offset("2024-05-01")
    (True, False)
    """
    match = _ONE_STAMP.match(text)
    return match is not None and match[4] is not None


def is_finer_than_ms(text: str) -> bool:
    """Whether the stamp `text` has more than three decimals of a second."""
    match = _ONE_STAMP.match(text)
    return match is not None and len(match[3] or "") > 3


def parse_stamps(column: pl.Series) -> tuple[Int64, Int64, Int64]:
    """Read a column of text.

    Returns
    -------
    wall_ms: int64[n], the clock as written, milliseconds since 1970-01-01 00:00 of that clock.
    offset_ms: int64[n], what to subtract from it for UTC; 0 where none is written.
    state: int64[n], -1 no stamp, 0 naive, 1 with an offset.

    >>> wall, offset, state = parse_stamps(pl.Series(["1970-01-01 02:00:00.5+02:00", "1970-01-02", "soon"]))
    >>> wall.tolist(), offset.tolist(), state.tolist()
    ([7200500, 86400000, 0], [7200000, 0, 0], [1, 0, -1])
    """
    pattern = _STAMP.replace(r"\d", "[0-9]")
    parts = column.str.extract_groups(pattern).struct.rename_fields(["day", "clock", "fraction", "offset"])
    clock = pl.col("clock").fill_null("00:00:00")
    whole = clock + pl.lit(":00:00").str.slice(clock.str.len_bytes() - 2)
    wall = pl.concat_str(pl.col("day"), pl.lit(" "), whole).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False
    )
    ms = pl.col("fraction").fill_null("").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64, strict=False)
    digits = pl.col("offset").str.replace(":", "", literal=True).str.slice(1).str.pad_end(4, "0")
    minutes = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2).cast(
        pl.Int64, strict=False
    )
    sign = pl.when(pl.col("offset").str.starts_with("-")).then(-60_000).otherwise(60_000)
    is_zulu = pl.col("offset").str.to_lowercase() == "z"
    frame = parts.struct.unnest().select(
        wall=wall.cast(pl.Int64) + ms,
        offset=pl.when(pl.col("offset").is_null() | is_zulu).then(0).otherwise(minutes * sign),
        written=pl.col("offset").is_not_null().cast(pl.Int64),
    )
    state = frame["written"].zip_with(frame["wall"].is_not_null(), pl.Series([-1], dtype=pl.Int64))
    return frame["wall"].fill_null(0).to_numpy(), frame["offset"].fill_null(0).to_numpy(), state.to_numpy()
