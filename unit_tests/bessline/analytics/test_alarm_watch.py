"""An alarm is raised once, stays through noise and missing values, and rests after it is cleared."""

import math

from bessline.analytics.alarm_rules import Rule
from bessline.analytics.alarm_watch import PATIENCE_MS, Watch

HOT = Rule("hot", "cell", "bms.cell_max_temp", ">", 45.0, "Cel", "critical", duration_s=60, hysteresis=2,
           refractory_s=300)  # fmt: skip


def seen(*values: tuple[float, float], rule: Rule = HOT) -> list[tuple[float, str]]:
    """What happened, by second."""
    watch = Watch(rule)
    happened: list[tuple[float, str]] = []
    for t_s, value in values:
        done = watch.see(round(1000 * t_s), value, signal=rule.signal)
        if done:
            happened.append((t_s, done))
        if done == "cleared":
            watch.rest()
    return happened


def test_it_waits_for_its_duration() -> None:
    assert seen((0, 46), (30, 46), (59, 46), (60, 46), (90, 46)) == [(60, "raised")]


def test_a_good_value_begins_the_wait_anew() -> None:
    assert seen((0, 46), (30, 45), (60, 46), (90, 46), (120, 46)) == [(120, "raised")]


def test_hysteresis_keeps_it_raised() -> None:
    assert seen((0, 46), (60, 46), (70, 44), (80, 43.1), (90, 43)) == [(60, "raised"), (90, "cleared")]


def test_missing_values_neither_raise_nor_clear() -> None:
    holes = [(t, math.nan) for t in range(0, 4000, 30)]
    assert seen(*holes) == []
    assert seen((0, 46), (30, math.nan), (60, 46), *[(60 + t, value) for t, value in holes]) == [(60, "raised")]


def test_a_bad_value_long_ago_is_not_continued() -> None:
    late = PATIENCE_MS / 1000 + 1
    assert seen((0, 46), (late, 46), (late + 30, 46), (late + 60, 46)) == [(late + 60, "raised")]


def test_it_rests_after_it_was_cleared() -> None:
    """But what is still bad when the rest is over is raised."""
    happened = seen((0, 46), (60, 46), (90, 40), *[(t, 46.0) for t in range(120, 500, 30)])
    assert happened == [(60, "raised"), (90, "cleared"), (390, "raised")]


def test_a_zero_is_a_value() -> None:
    low = Rule("low", "SOC", "bms.soc", "<", 20.0, "%", hysteresis=2)
    assert seen((0, 0.0), (30, 0.0), (60, 50.0), rule=low) == [(0, "raised"), (60, "cleared")]
