"""What is counted on labelled series."""

import numpy as np

from bench.labelled import AGAIN_MS, WEEK_MS, Labelled, alarms, found, pooled

HOUR_MS = 3_600_000


def test_an_alarm_is_raised_again_after_six_hours() -> None:
    t_ms = np.arange(24) * HOUR_MS
    assert alarms(t_ms, np.ones(24), 0.5) == [k * AGAIN_MS for k in range(4)]


def test_a_window_is_found_once_and_by_its_first_alarm() -> None:
    windows = [(10 * HOUR_MS, 20 * HOUR_MS), (30 * HOUR_MS, 40 * HOUR_MS)]
    times = [hour * HOUR_MS for hour in (1, 12, 18, 50)]
    assert found(times, windows) == (2, [2.0])


def _series() -> Labelled:
    t_ms = np.arange(4 * 168) * HOUR_MS
    return Labelled("x", t_ms, np.zeros(len(t_ms)), ((400 * HOUR_MS, 420 * HOUR_MS),))


def test_what_is_judged_is_what_comes_after_learning() -> None:
    series = _series()
    assert len(series.label()) == len(series.t_ms) - int(0.15 * len(series.t_ms))
    assert series.label().sum() == 21
    weeks = (series.t_ms[-1] - series.t_ms[series.judged][0] - 20 * HOUR_MS) / WEEK_MS
    assert series.calm_weeks() == weeks


def test_the_pooled_threshold_keeps_to_the_false_alarms() -> None:
    series, random = _series(), np.random.default_rng(1)
    score = random.random(len(series.label())) + 0.2 * series.label()
    for wanted in (0.5, 2.0, 5.0):
        _, given = pooled([series], [score], per_week=wanted)
        assert given <= wanted
    assert pooled([series], [series.label() + 0.1 * score], per_week=0.5)[0] == 1
