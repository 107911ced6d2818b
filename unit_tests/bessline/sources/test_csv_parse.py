"""Clean blocks, fast; anything else is left to the tolerant reader."""

from __future__ import annotations

import math

import pytest

from bessline.sources.csv_parse import Layout, parse_clean
from bessline.sources.decimals import value_of
from bessline.sources.seconds import t_ms_of

LAYOUT = Layout(("ts", "soc"), 0, (1,))
GOOD = b"2024-05-01 00:00:00,41.5\n"
GOOD_MS = 1_714_521_600_000


def test_a_clean_block_is_parsed() -> None:
    """Stamps as milliseconds of the wall clock, numbers as they are."""
    parsed = parse_clean(GOOD + b"2024-05-01T00:00:59.5,-1e3\r\n\n", LAYOUT)
    assert parsed is not None
    assert t_ms_of(parsed.stamps).tolist() == [GOOD_MS, GOOD_MS + 59_500]
    assert value_of(parsed[1][0]).tolist() == [41.5, -1000.0]


@pytest.mark.parametrize("marker", ["", "-", "unavailable", "Unknown", "NaN", "NULL", "None", "N/A", "na"])
def test_missing_markers_are_nan_whatever_their_case(marker: str) -> None:
    """A marker is an observation: no value from here on."""
    parsed = parse_clean(f"2024-05-01 00:00:00,{marker}\n".encode(), LAYOUT)
    assert parsed is not None
    assert math.isnan(value_of(parsed[1][0])[0])


@pytest.mark.parametrize(
    "line",
    [b"2024-05-01 00:00:00,high", b"2024-05-01 00:00:00,inf", b"2024-05-01 00:0", b"2024-05-01 00:00:00,1,2", b",1",
     b"2024-05-01 00:00:00Z,1", b'2024-05-01 00:00:00,"1"', b"2024-05-01 00:00:00,1\r2024-05-01 00:00:00,1",
     b"1969-12-31 00:00:00,1", b"2201-01-01 00:00:00,1", b"2024-05-01 00:00:00,1e999", b"\0",
     b"2024-05-01 00:00:00,\xff"],
)  # fmt: skip
def test_anything_unusual_leaves_the_block_to_the_tolerant_reader(line: bytes) -> None:
    """The fast reader never guesses and never drops a row."""
    assert parse_clean(GOOD + line + b"\n" + GOOD, LAYOUT) is None


def test_stamps_with_offsets_are_utc() -> None:
    """Mixed offsets in one file are no trouble; a naive one among them is."""
    layout = Layout(("ts", "soc"), 0, (1,), stamps_have_offsets=True)
    mixed = b"2024-05-01 02:00:00+02:00,1\n2024-05-01 00:00:00Z,1\n2024-04-30T18:00:00-0600,1\n"
    parsed = parse_clean(mixed, layout)
    assert parsed is not None
    assert t_ms_of(parsed.stamps).tolist() == [GOOD_MS] * 3
    assert parse_clean(mixed + GOOD, layout) is None


def test_fine_stamps_are_cut_to_milliseconds() -> None:
    """Microseconds are common, and not slow."""
    layout = Layout(("ts", "soc"), 0, (1,), stamps_are_fine=True)
    parsed = parse_clean(b"2024-05-01 00:00:00.123999,1\n", layout)
    assert parsed is not None
    assert t_ms_of(parsed.stamps).tolist() == [GOOD_MS + 123]


def test_flags_are_whole() -> None:
    """Half a smoke alarm is not clean."""
    layout = Layout(("ts", "smoke"), 0, (1,), whole=frozenset({1}))
    assert parse_clean(b"2024-05-01 00:00:00,1.0\n2024-05-01 00:00:00,\n", layout) is not None
    assert parse_clean(b"2024-05-01 00:00:00,0.5\n", layout) is None


def test_only_the_columns_asked_for_are_parsed() -> None:
    """A column of text beside the numbers does no harm."""
    layout = Layout(("name", "a", "ts", "b"), 2, (3, 1), delimiter=";", decimal=",")
    parsed = parse_clean(b"x;1,5;2024-05-01;2\n", layout)
    assert parsed is not None
    assert [value_of(value).tolist() for value in parsed[1]] == [[2.0], [1.5]]
