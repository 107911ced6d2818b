"""The record of charges is bounded, and joined rows are means."""

import numpy as np
import pytest

from bessline.analytics.charge_record import ROWS, ChargeRecord


def record(charges: int) -> ChargeRecord:
    kept = ChargeRecord()
    for n in range(charges):
        kept.add(n * 1000, deviation=np.array([n, np.nan if n % 2 else 1.0]))
    return kept


def test_it_never_grows_beyond_its_rows() -> None:
    assert max(len(record(n)) for n in (ROWS - 1, ROWS, ROWS + 1, 5 * ROWS)) < ROWS


def test_no_charge_is_forgotten() -> None:
    kept = record(5 * ROWS + 3)
    assert kept.charges == 5 * ROWS + 3
    mean = (kept.column("deviation")[:, 0] * kept.count).sum() / kept.charges
    assert mean == pytest.approx((kept.charges - 1) / 2, rel=1e-5)
    assert kept.t_ms == pytest.approx(kept.column("deviation")[:, 0] * 1000, rel=1e-5)


def test_a_missing_value_does_not_hide_its_neighbour() -> None:
    assert (record(3 * ROWS).column("deviation")[:-1, 1] == 1.0).all()


def test_the_newest_rows_are_the_last() -> None:
    assert record(20).column("deviation", newest=2)[:, 0].tolist() == [18.0, 19.0]
