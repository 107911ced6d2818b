from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.forecasting.holt_winters import SETTINGS, HoltWinters, Setting
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import Walk, daily


def _slow(values: Float64, setting: Setting, start_weekday: int) -> list[float]:
    """The same, one setting and one number at a time, hourly; the first day has no hole."""
    first = values[:22]  # nine tenths of the slots
    level = float(first.mean())
    day, week = [0.0] * 24, [[0.0] * 24 for _ in range(7)]
    for slot in range(22):
        day[slot] = values[slot] - level
    spread, deviation, since = float(np.abs(first - level).mean()), 0.0, 0
    for at in range(22, len(values)):
        since += 1
        if np.isnan(values[at]):
            continue
        weekday, slot = (start_weekday + at // 24) % 7, at % 24
        faded = deviation * setting.fading**since
        off = values[at] - level - day[slot] - week[weekday][slot] - faded
        innovation = max(-3 * spread, min(3 * spread, off))
        spread += (abs(off) - spread) / (14 * 24)
        deviation, since = faded + innovation, 0
        level += setting.level * innovation
        day[slot] += setting.daily * innovation
        week[weekday][slot] += setting.weekly * innovation
    found = []
    for lead in range(1, 25):
        weekday, slot = (start_weekday + (len(values) + lead - 1) // 24) % 7, (len(values) + lead - 1) % 24
        found.append(level + day[slot] + week[weekday][slot] + deviation * setting.fading ** (since + lead))
    return found


def test_it_is_the_textbook_recursion_also_over_gaps() -> None:
    values = daily(16, noise=4.0)
    values[100:107] = np.nan
    values[200] = 900.0
    values[-3:] = np.nan
    walk = Walk()
    method = HoltWinters(walk.memory)
    walk.feed(values, method)
    found = method.forecast(walk.targets)
    for row, setting in zip(found, SETTINGS, strict=True):
        np.testing.assert_allclose(row, _slow(values, setting, start_weekday=3), rtol=1e-10)


def test_it_is_silent_before_its_first_day() -> None:
    walk = Walk()
    method = HoltWinters(walk.memory)
    walk.feed(daily(1)[:20], method)
    assert np.isnan(method.forecast(walk.targets)).all()


def test_a_skipped_gap_is_a_gap_of_missing_values() -> None:
    walks = [Walk(), Walk()]
    methods = [HoltWinters(walk.memory) for walk in walks]
    for walk, method in zip(walks, methods, strict=True):
        walk.feed(daily(8, noise=2.0), method)
    walks[0].feed([np.nan] * 30, methods[0])
    methods[1].skip(30)
    np.testing.assert_allclose(methods[0].forecast(walks[0].targets), methods[1].forecast(walks[0].targets))


@pytest.mark.parametrize("step_s", [900, 3600])
def test_a_new_level_is_followed_within_days_at_any_step(step_s: int) -> None:
    """Rates are given by the hour, so 15-minute steps are not four times as hasty."""
    walk = Walk(step_s=step_s)
    method = HoltWinters(walk.memory)
    per_hour = 3600 // step_s
    walk.feed(np.repeat(daily(14, noise=1.0), per_hour), method)
    walk.feed(np.repeat(daily(3, noise=1.0) + 12, per_hour), method)
    off = method.forecast(walk.targets) - np.repeat(daily(1) + 12, per_hour)
    assert abs(off[-1].mean()) < 2.0
