"""Timestamps written as text, column by column."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.stamps import has_offset, is_stamp
from bessline.sources.text_stamps import parse_stamps
from unit_tests.bessline.sources.reading import stamp


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-05-01 00:00:07", "2024-05-01T00:00:07"),
        ("2024-05-01T00:00:07", "2024-05-01T00:00:07"),
        ("2024-05-01 00:00:07.25", "2024-05-01T00:00:07.250"),
        ("2024-05-01 00:00:07.123999", "2024-05-01T00:00:07.123"),
        ("2024-05-01 00:01", "2024-05-01T00:01:00"),
        ("2024-05-01 05", "2024-05-01T05:00:00"),
        ("2024-05-01", "2024-05-01T00:00:00"),
        (" 2024-05-01t00:00:07z ", "2024-05-01T00:00:07"),
        ("2024-05-01 00:00:07+02:00", "2024-04-30T22:00:07"),
        ("2024-05-01 00:00:07 -0530", "2024-05-01T05:30:07"),
        ("2024-05-01T00:00:07.5+02", "2024-04-30T22:00:07.500"),
    ],
)
def test_every_usual_spelling_is_read(text: str, utc: str) -> None:
    """A space or a T, fractions, Z and offsets in all their forms."""
    wall, offset, state = parse_stamps(pl.Series([text]))
    assert stamp(wall[0] - offset[0]) == utc
    assert state.tolist() == [int(has_offset(text))]
    assert is_stamp(text)


@pytest.mark.parametrize(
    "text",
    ["", "ts", "2024-05-01 00:0", "2024-05-01 0", "2024-5-1", "01.05.2024 00:00", "2024-05-01 24:00:00", "20240501",
     "2024-05-01 00:00:60", "2024-05-01 00:00:07+2", "2024-05-01 00:00:07 CEST", "٢٠٢٤-05-01", "1714521600"],
)  # fmt: skip
def test_what_is_not_one_is_not_guessed(text: str) -> None:
    """Day-first dates and half-written clocks could mean anything."""
    assert parse_stamps(pl.Series([text]))[2].tolist() == [-1]
    assert not is_stamp(text)


def test_a_day_that_does_not_exist_is_no_stamp() -> None:
    """The shape is right, the 30th of February is not."""
    assert parse_stamps(pl.Series(["2024-02-30 00:00:00", "2024-02-29 00:00:00"]))[2].tolist() == [-1, 0]


def test_an_empty_column_gives_empty_arrays() -> None:
    """A block of rejected rows only still passes through."""
    assert [len(part) for part in parse_stamps(pl.Series([], dtype=pl.String))] == [0, 0, 0]


@given(st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)), min_size=1, max_size=20))
def test_isoformat_is_read_back_to_the_millisecond(moments: list[datetime]) -> None:
    """Whatever Python writes we read."""
    wall, _, _ = parse_stamps(pl.Series([moment.isoformat() for moment in moments]))
    epoch = datetime(1970, 1, 1)
    assert wall.tolist() == [(moment - epoch) // timedelta(milliseconds=1) for moment in moments]
