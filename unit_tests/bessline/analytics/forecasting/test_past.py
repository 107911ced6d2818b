from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.analytics.forecasting.past import Past

SIZE = 7


@given(st.lists(st.one_of(st.floats(-9, 9), st.integers(0, 20))), st.integers(-5, 200), st.integers(0, 12))
def test_any_stretch_is_what_a_plain_list_holds(story: list[float | int], first: int, count: int) -> None:
    """Floats are appended, integers skip; what is older than the size is forgotten."""
    past, plain = Past(SIZE), [np.nan] * 0
    for item in story:
        if isinstance(item, int):
            past.skip(item)
            plain += [np.nan] * item
        else:
            past.append(item)
            plain.append(item)
    assert past.end == len(plain)
    kept = range(max(0, len(plain) - SIZE), len(plain))
    expected = [plain[at] if at in kept else np.nan for at in range(first, first + count)]
    np.testing.assert_array_equal(past.stretch(first, count), expected)


def test_the_newest_come_oldest_first() -> None:
    past = Past(SIZE)
    for value in range(30):
        past.append(value)
    assert past.newest(3).tolist() == [27.0, 28.0, 29.0]


def test_what_was_handed_out_does_not_change() -> None:
    past = Past(SIZE)
    past.append(1.0)
    newest = past.newest(1)
    for value in range(30):
        past.append(value)
    assert newest.tolist() == [1.0]
