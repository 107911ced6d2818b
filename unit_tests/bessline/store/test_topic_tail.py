"""Topics in memory: which stretches new rows can change, and where the virtual topic has its readings."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.managers import Managers
from bessline.store import Store
from bessline.store.inlet import Inlet
from bessline.store.topic_tail import stretches
from unit_tests.batches import batch_of
from unit_tests.bessline.store.test_state import store_of
from unit_tests.plants import MAY_1


@given(st.lists(st.integers(0, 100), unique=True), st.integers(0, 20))
def test_stretches_cover_what_rows_can_change_and_no_more(stamps: list[int], reach: int) -> None:
    """They are apart from each other, and each instant is within reach of a row."""
    found = stretches(np.array(sorted(stamps), np.int64), reach)
    covered = {t for first, last in found for t in range(first, last + 1)}
    assert covered == {t + n for t in stamps for n in range(reach + 1)}
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


def bess(store: Store) -> list[float]:
    return [(t - MAY_1) / 1000 for t in Managers(store)["bess"].page("b1", limit=999).t_ms.tolist()]


def test_whole_rows_add_their_stamps_to_the_grid_of_bess(tmp_path: Path) -> None:
    """The grid of a device stays where it is, in memory as in the files."""
    live = Inlet(store_of(tmp_path, {"bms.soc": [(0, 1.0), (30, 2.0), (60, 2.0)]}, whole_rows=False))
    grid = bess(live.store)
    live.write([batch_of("b1", "env", [(40, {"humidity": 50.0})])])
    assert bess(live.store) == sorted({*grid, 40.0})
    live.seal(workers=0)
    assert bess(live.store) == sorted({*grid, 40.0})


def test_a_late_marker_takes_readings_away(tmp_path: Path) -> None:
    """A value that was shown until then is no value any more from the marker on."""
    live = Inlet(store_of(tmp_path, {"bms.soc": [(0, 1.0), (30, 2.0), (60, 3.0)]}, whole_rows=False))
    before = Managers(live.store)["bms"].count("b1")
    live.write([batch_of("b1", "bms", [(60, {"soc": None})])])
    page = Managers(live.store)["bms"].page("b1")
    assert page.t_ms.tolist() == [MAY_1, MAY_1 + 30_000]
    assert before > 2
