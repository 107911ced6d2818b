"""Timestamps written as text, a whole column at a time."""

from __future__ import annotations

import polars as pl

from bessline.sources.base import Int64
from bessline.sources.stamps import STAMP


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
    pattern = STAMP.replace(r"\d", "[0-9]")
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
