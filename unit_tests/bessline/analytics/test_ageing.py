"""Which cells are worst: those that stand apart, and those that surely drift."""

import numpy as np

from bessline.analytics.ageing import CellTrends, badness
from bessline.analytics.slopes import Slopes


def trends(*, deviation: list[float], slope: list[float], half: float = 0.001) -> CellTrends:
    slopes = np.array(slope)
    return CellTrends(np.array(deviation), Slopes(slopes, slopes - half, slopes + half), Slopes(*(np.zeros(1),) * 3))


def test_a_cell_that_stands_apart_is_worst() -> None:
    assert badness(trends(deviation=[0.001, -0.04, 0.002], slope=[0.0, 0.0, 0.0])).argmax() == 1


def test_a_cell_that_drifts_is_worse_than_one_whose_trend_is_unsure() -> None:
    found = trends(deviation=[0.0] * 9, slope=[0.0] * 7 + [0.03, 0.04])
    found.slopes.lower[8], found.slopes.upper[8] = -0.2, 0.3
    assert badness(found).argmax() == 7


def test_without_trends_the_standing_counts() -> None:
    score = badness(trends(deviation=[0.001, np.nan, -0.04], slope=[np.nan] * 3))
    assert score.argmax() == 2
    assert score[1] == -np.inf
