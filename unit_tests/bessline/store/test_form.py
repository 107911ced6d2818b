"""Forms: the smallest that holds the rows, and each holds what those before it held."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Int64
from bessline.sources.decimals import Decimals, Numbers
from bessline.store.coding import Coding
from bessline.store.form import Form
from bessline.store.stamps import MILLISECONDS, SECONDS

SECOND, BETWEEN = np.array([1000, 2000]), np.array([1000, 2001])
FLOATS, HOLES = np.array([3.5, 4.0]), np.array([3.5, np.nan])
DECIMALS = Decimals(np.array([350, 400], np.int32), 2)


@pytest.mark.parametrize(
    ("t_ms", "value", "form"),
    [
        (SECOND, FLOATS, Form(SECONDS, Coding(1))),
        (SECOND, DECIMALS, Form(SECONDS, Coding(1))),
        (SECOND, HOLES, Form(SECONDS, Coding(1), has_missing=True)),
        (BETWEEN, FLOATS, Form(MILLISECONDS, Coding(1))),
        (SECOND, np.array([1 / 3, 1.0]), Form(SECONDS, Coding())),
        (SECOND, None, Form(SECONDS)),
    ],
)
def test_the_form_is_the_smallest_that_holds_the_rows(t_ms: Int64, value: Numbers | None, form: Form) -> None:
    assert Form.of(t_ms, value) == form
    assert Form.of_schema(form.schema) == form
    table = form.table(t_ms, value)
    assert table is not None
    assert table.schema == form.schema


@pytest.mark.parametrize(
    ("t_ms", "value"), [(BETWEEN, FLOATS), (SECOND, HOLES), (SECOND, np.array([3.55, 4.0])), (SECOND, FLOATS * 1e9)]
)
def test_a_form_refuses_what_it_does_not_hold(t_ms: Int64, value: Numbers) -> None:
    assert Form(SECONDS, Coding(1)).table(t_ms, value) is None


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 10**12) | st.integers(0, 10**9).map(lambda second: second * 1000),
        st.just(float("nan")) | st.integers(-(10**9), 10**9).map(float) | st.decimals(-9, 9, places=3).map(float),
    ),
    min_size=1,
    max_size=6,
)


@given(_ROWS, _ROWS)
def test_a_form_beyond_another_holds_the_rows_of_both(
    first: list[tuple[int, float]], then: list[tuple[int, float]]
) -> None:
    """A file goes on in it, and what is written already is written anew in it."""
    before, after = (
        (np.array([t for t, _ in rows], np.int64), np.array([value for _, value in rows])) for rows in (first, then)
    )
    narrow = Form.of(*before)
    wide = Form.of(*after, beyond=narrow)
    assert wide.table(*before) is not None
    assert wide.table(*after) is not None
