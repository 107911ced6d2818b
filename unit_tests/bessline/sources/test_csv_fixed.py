"""Lines read by the word: every value as the general reader reads it, and nothing taken that is not exactly a row."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bessline.sources.csv_fixed import parse_fixed
from bessline.sources.csv_parse import Layout, parse_clean
from bessline.sources.decimals import value_of
from bessline.sources.seconds import t_ms_of

#: Rows of three cells, the last one empty: what the fast way does not take.
_GENERAL = Layout(("ts", "x", ""), 0, (1,))


def _both(lines: list[str], *, end: str = "\n", last: str = "\n") -> None:
    """Whatever is read fast is what is read slowly, bit for bit."""
    fast = parse_fixed((end.join(lines) + last).encode(), delimiter=",", decimal=".")
    slow = parse_clean(("\n".join(line + "," for line in lines) + "\n").encode(), _GENERAL)
    assert fast is not None
    assert slow is not None
    np.testing.assert_array_equal(fast[0].t_ms, t_ms_of(slow.stamps))
    # but that a negative zero is a zero
    assert (value_of(fast[1]) + 0.0).tobytes() == (value_of(slow[1][0]) + 0.0).tobytes()


_STAMPS = st.datetimes(datetime(1970, 1, 1), datetime(2106, 2, 6)).map(lambda t: t.isoformat(" ", "seconds"))
_NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,3})?", fullmatch=True).filter(lambda text: len(text) < 8)


@settings(max_examples=200)
@given(st.lists(st.tuples(_STAMPS, _NUMBERS), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_read_fast_are_those_read_slowly(rows: list[tuple[str, str]], end: str, ended: bool) -> None:
    """Any stamps in any order, numbers of any width and sign, with or without a last newline."""
    if _one_form_a_width(rows):
        ended = ended or end == "\r\n"
        _both([f"{stamp},{number}" for stamp, number in rows], end=end, last=end if ended else "")


def _one_form_a_width(rows: list[tuple[str, str]]) -> bool:
    """Numbers of one width have their point at one place: else they are left to the general reader."""
    forms: dict[int, set[int]] = {}
    for _, number in rows:
        forms.setdefault(len(number), set()).add(number.find("."))
    return all(len(found) == 1 for found in forms.values())


def test_a_day_of_cells_is_read() -> None:
    """The common case is not left to others."""
    lines = [
        f"2024-05-01 {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},{3.3 + n % 200 / 1000:.3f}" for n in range(86400)
    ]
    _both(lines)
    _both([f"{line}00" for line in lines[:100]] + [f"{line[:-2]}" for line in lines[100:200]])


_GOOD = "2024-05-01 13:45:59,12.50"


@pytest.mark.parametrize("place", range(len(_GOOD)))
@pytest.mark.parametrize("other", "0:9/;- ,.xT\n\r\0+")
def test_no_other_character_passes_anywhere(place: int, other: str) -> None:
    """Each place of a row, each wrong neighbour of a digit: read as the general reader reads it, or left to it."""
    line = _GOOD[:place] + other + _GOOD[place + 1 :]
    fast = parse_fixed(f"{_GOOD}\n{line}\n{_GOOD}\n".encode(), delimiter=",", decimal=".")
    if fast is not None:
        general = parse_clean(f"{_GOOD},\n{line},\n{_GOOD},\n".encode(), _GENERAL)
        assert general is not None
        np.testing.assert_array_equal(fast[0].t_ms, t_ms_of(general.stamps))
        np.testing.assert_array_equal(value_of(fast[1]), value_of(general[1][0]))


@pytest.mark.parametrize(
    "line",
    [
        "2024-05-01 00:00:00,-", "2024-05-01 00:00:00,", "2024-05-01 00:00:00,.", "2024-05-01 00:00:00,-.",
        "2024-02-30 00:00:00,1.5", "2024-13-01 00:00:00,1.5", "2024-05-01 24:00:00,1.5", "2024-05-01 00:60:00,1.5",
        "2024-05-01 00:00:60,1.5", "2024-05-01 00:00:00,1e5", "2024-05-01 00:00:00,nan", "2024-05-01 00:00:00, 1",
        "2024-05-01 00:00:00,12345678", "2024-05-01 00:00:00;1.5", "2024-05-01_00:00:00,1.5", "2024-05-01", "",
        "2024-05-01 00:00:00,1.5,2", "2024-05-01 00:00:00,1-5", "2024-05-01 00:00:00,--5",
        "1969-12-31 23:59:59,1.5", "2106-02-07 06:28:15,1.5", "9999-12-31 23:59:59,1.5",
    ],
)  # fmt: skip
def test_what_is_of_another_form_is_left_to_others(line: str) -> None:
    """Markers, impossible times, exponents, blanks, long numbers, years out of reach: never guessed at."""
    for data in (f"{line}\n", f"{_GOOD}\n{line}\n", f"{line}\n{_GOOD}"):
        assert parse_fixed(data.encode(), delimiter=",", decimal=".") is None


@given(st.binary(max_size=120))
@example(b"\n")
def test_no_bytes_break_it(data: bytes) -> None:
    """It answers or declines, whatever stands there."""
    parse_fixed(data, delimiter=",", decimal=".")


def test_a_decimal_comma_is_a_mark_like_another() -> None:
    """`;` between the cells and `,` in the number."""
    found = parse_fixed(b"2024-05-01 00:00:00;12,5\n", delimiter=";", decimal=",")
    assert found is not None
    assert value_of(found[1]).tolist() == [12.5]
