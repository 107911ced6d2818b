"""Batches: the good rows of one column, in the unit and with the sign of its signal."""

import numpy as np

from bessline.sources.base import SignalId
from bessline.sources.batch import Batch
from bessline.sources.decimals import Decimals, Numbers
from bessline.sources.units import Scaling

SIGNAL = SignalId("b1", "bms", "current")


def rows(numbers: Numbers) -> tuple[list[int], list[float]]:
    """What a column with one bad cell feeds to a signal of the other sign."""
    batch = Batch(np.array([1, 2, 3]), (numbers,), (np.array([False, True, False]),))
    found = batch.rows(0, SIGNAL, Scaling(negate=True))
    return found.t_ms.tolist(), found.value.tolist()


def test_bad_cells_are_left_out_with_their_stamps() -> None:
    """Floats and decimals alike."""
    assert rows(np.array([1.5, np.nan, -2.5])) == ([1, 3], [-1.5, 2.5])
    assert rows(Decimals(np.array([15, 0, -25], np.int32), 1)) == ([1, 3], [-1.5, 2.5])
