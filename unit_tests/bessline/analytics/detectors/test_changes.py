"""Changes from one value to the next."""

import numpy as np

from bessline.analytics.detectors.changes import Changes


def _fed(*column: float, step_ms: int = 1000) -> list[float]:
    changes, deltas = Changes(1, hole_s=3), []
    for tick, value in enumerate(column):
        changes.update(tick * step_ms, np.array([value]))
        deltas.append(float(changes.delta[0]))
    return deltas


def test_a_change_is_counted_from_the_last_value_that_was_there() -> None:
    np.testing.assert_equal(_fed(1.0, 3.0, np.nan, 2.5), [np.nan, 2.0, np.nan, -0.5])


def test_nothing_is_compared_across_a_hole() -> None:
    np.testing.assert_equal(_fed(1.0, 3.0, 2.0, step_ms=4000), [np.nan] * 3)


def test_the_floor_is_half_the_smallest_change_and_infinite_before_one() -> None:
    changes = Changes(2, hole_s=3)
    for tick, value in enumerate([5.0, 5.0, 7.0, 6.5, 9.0]):
        changes.update(tick * 1000, np.array([value, 1.0]))
    assert changes.floor.tolist() == [0.25, np.inf]
    assert changes.count.tolist() == [3, 0]
    assert changes.changed_ms[0] == 4000
    assert changes.alive.tolist() == [True, False]


def test_after_an_hour_without_change_a_signal_is_idle() -> None:
    changes = Changes(1, hole_s=90)
    for tick in range(200):
        changes.update(tick * 30_000, np.array([min(tick, 10.0)]))
        assert changes.alive[0] == (1 <= tick <= 10 + 120)


def test_a_value_after_a_hole_has_returned() -> None:
    changes, returned = Changes(1, hole_s=3), []
    for t_ms, value in ((0, 1.0), (1000, 1.0), (2000, np.nan), (5000, np.nan), (6000, 1.0), (7000, 1.0)):
        changes.update(t_ms, np.array([value]))
        returned.append(int(changes.returned_ms[0]) == t_ms)
    assert returned == [True, False, False, False, True, False]


def test_complete_is_what_it_says() -> None:
    """It spares the masks where nothing is missing; the slow way must not be lost for it."""
    changes = Changes(2, hole_s=90)
    for tick in range(10):
        changes.update(tick * 30_000, np.array([tick, -tick], dtype=np.float64))
        assert changes.complete == (tick > 0)
    changes.update(300_000, np.array([1.0, np.nan]))
    assert not changes.complete
    changes.update(390_000, np.array([2.0, 3.0]))
    assert changes.returned_ms.tolist() == [0, 390_000]
