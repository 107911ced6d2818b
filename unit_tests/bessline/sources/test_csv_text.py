"""Blocks that are not clean: what can be read is read, the rest is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.sources.csv_blocks import Block
from bessline.sources.csv_parse import Layout, parse_clean
from bessline.sources.csv_text import parse_tolerant
from bessline.sources.decimals import value_of
from bessline.sources.local_time import LocalTime
from bessline.sources.seconds import t_ms_of

LAYOUT = Layout(("ts", "soc"), 0, (1,))


def reasons(*lines: str | bytes, layout: Layout = LAYOUT, first_line: int = 2) -> list[tuple[int, str]]:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    _, rejects = parse_tolerant(Block(data, first_line), layout, LocalTime("UTC"))
    return [] if rejects is None else [(row["line"], row["reason"]) for row in rejects.table.to_pylist()]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "has 1 column where the header has 2 (ts,soc)"),
        ("2024-05-01 00:00:00,1,2", "has 3 columns"),
        ("2024-05-01 00:0", "has 1 column"),
        ("2024-05-01 00:0,1", "'2024-05-01 00:0' is not a timestamp; write it like 2024-05-01 13:45:00"),
        ("2024-05-01 00:00:00,high", "'high' is not a number such as -12.5"),
        ("2024-05-01 00:00:00,inf", "'inf' is not a number"),
        ("2024-05-01 00:00:00,-1e999", "is not a number"),
        ("1969-12-31 23:59:59,1", "outside the years 1970 to 2200"),
        ("2201-01-01,1", "outside the years 1970 to 2200"),
        ('2024-05-01 00:00:00,"1', "quotes do not match"),
        ('2024-05-01 00:00:00,"1"2', "quotes do not match"),
        (b"2024-05-01 00:00:00,\xff\xfe", r"'\xff\xfe' is not a number"),
        (b"2024-05-01 00:00:00,1\x00", r"'1\x00' is not a number"),
        ("2024-05-01 00:00:00,1\r2024-05-01 00:00:01,1", "has 3 columns"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_how_to_write_it(line: str | bytes, says: str) -> None:
    """And the rows beside it are kept."""
    ((number, reason),) = reasons("2024-05-01,1", "", line, "2024-05-01,1")
    assert number == 4
    assert says in reason


def test_every_spelling_that_means_something_is_taken() -> None:
    """Quotes, spaces, CRLF, markers, offsets of all kinds in one block."""
    data = (
        '2024-05-01 00:00:00,1\r\n"2024-05-01 00:00:00" , "2"\n2024-05-01T02:00:00+02:00, 3 \n'
        "2024-05-01T00:00:00Z, Unavailable\n\t\n2024-04-30 19:00:00.000 -0500,-\n2024-05-01,4"
    )
    batch, rejects = parse_tolerant(Block(data.encode(), 2), LAYOUT, LocalTime("UTC"))
    assert rejects is None
    assert batch.t_ms.tolist() == [1_714_521_600_000] * 6
    assert np.array_equal(value_of(batch.values[0]), [1, 2, 3, np.nan, np.nan, 4], equal_nan=True)


def test_a_naive_stamp_without_a_zone_says_how_to_give_one() -> None:
    """In a file of mixed stamps the others are kept."""
    batch, rejects = parse_tolerant(Block(b"2024-05-01 00:00:00,1\n2024-05-01 00:00:00Z,2\n", 2), LAYOUT, None)
    assert value_of(batch.values[0]).tolist() == [2.0]
    assert rejects is not None
    assert "--timezone" in rejects.table["reason"][0].as_py()


def test_text_of_a_reject_is_short() -> None:
    """The reject file does not grow with the garbage."""
    _, rejects = parse_tolerant(Block(b"x" * 9999, 2), LAYOUT, None)
    assert rejects is not None
    assert len(rejects.table["text"][0].as_py()) == 500


def test_in_a_wide_table_a_bad_cell_costs_only_itself() -> None:
    """The row's other cells are taken; the reason names the column."""
    layout = Layout(("ts", "a", "b"), 0, (1, 2), whole=frozenset({2}))
    batch, rejects = parse_tolerant(Block(b"2024-05-01,1,0.5\n2024-05-01,bad,1\n", 2), layout, LocalTime("UTC"))
    assert rejects is not None
    assert [row["reason"].split(" is")[0] for row in rejects.table.to_pylist()] == ["b: '0.5'", "a: 'bad'"]
    assert [None if bad is None else bad.tolist() for bad in batch.bad] == [[False, True], [True, False]]


def test_a_point_beside_a_decimal_comma_is_not_guessed() -> None:
    """1.234 might be a thousand times more."""
    layout = Layout(("ts", "a"), 0, (1,), delimiter=";", decimal=",")
    assert reasons("2024-05-01;1,5", "2024-05-01;1.234", layout=layout)[0][0] == 3


STAMPS = st.sampled_from(
    ["2024-05-01 00:00:00", "2024-05-01T12:30:59.5", "2024-05-01 00:0", "2024-05-01", "2024-10-27 02:30:00", "ts", "",
     "2024-03-31 02:30:00", "2024-05-01 00:00:00Z", " 2024-05-01 00:00:00", "2024-05-01 00:00:00.1234", "1969-12-31"]
)  # fmt: skip
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "-", "NaN", "n/a", "inf", " 5", "5 ", '"5"', '"', "5\r", "+5", ".5", "5.", "0x5", "5_0"]),
    st.text(alphabet='0159.-+eE", \r\0é', max_size=6),
)  # fmt: skip
LINES = st.one_of(st.tuples(STAMPS, VALUES).map(",".join), st.text(alphabet='2,"\r x', max_size=8))


@settings(max_examples=300)
@given(st.lists(LINES, max_size=8))
def test_no_line_is_lost_and_both_readers_agree(lines: list[str]) -> None:
    """Each line is a row, a reject or blank; and what the fast reader takes, the tolerant one reads the same."""
    data = "\n".join(lines).encode()
    batch, rejects = parse_tolerant(Block(data, 2), LAYOUT, LocalTime("UTC"))
    bad = 0 if batch.bad[0] is None else int(batch.bad[0].sum())
    named = [] if rejects is None else rejects.table["line"].to_pylist()
    blank = sum(not line.strip() for line in data.decode().split("\n"))
    assert len(batch.t_ms) - bad + len(set(named)) + blank == len(data.decode().split("\n"))
    assert len(named) == len(set(named))
    clean = parse_clean(data, LAYOUT)
    if clean is not None:
        assert rejects is None
        assert t_ms_of(clean.stamps).tolist() == batch.t_ms.tolist()
        assert np.array_equal(value_of(clean[1][0]), value_of(batch.values[0]), equal_nan=True)
