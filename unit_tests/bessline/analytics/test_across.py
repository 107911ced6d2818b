"""The detectors that look across signals, and their limits."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.across import Accustomed, Across, Crossing, Part
from bessline.analytics.detectors.silence import Silence
from bessline.analytics.thresholds import BLOCK_MS
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.string import DAY, SUBJECT, String, string


def crossings(plant: String) -> list[tuple[int, Crossing]]:
    across = Across(SUBJECT)
    return [(each.t_ms, found) for each in plant.readings() for found in across.update(each.t_ms, each.value)]


def test_a_healthy_string_crosses_nothing() -> None:
    assert crossings(string(7)) == []


def test_a_weak_cell_is_told_at_once_and_is_no_news_after_two_days() -> None:
    plant = string(5)
    plant["cells.p1_v6"][:] -= 0.04
    found = crossings(plant)
    assert {each.channel for _, each in found} == {"cells.p1_v6"}
    assert found[0][0] < 3_600_000
    assert found[0][1].detector == "cell_deviation"
    assert found[-1][0] < 3 * 86_400_000


def test_what_a_cell_is_accustomed_to_does_not_hide_more_of_it_nor_another_cell() -> None:
    plant = string(5)
    plant["cells.p1_v6"][:] -= 0.03
    plant["cells.p1_v6"][4 * DAY :] -= 0.03
    plant["cells.p2_v1"][4 * DAY :] -= 0.03
    late = {each.channel for at, each in crossings(plant) if at >= 4 * 86_400_000}
    assert late == {"cells.p1_v6", "cells.p2_v1"}


def test_what_a_converter_loses_is_told_beside_what_it_warms() -> None:
    plant = string(8)
    for name in ("pcs.dc_current", "pcs.apparent_power"):
        plant[name][:] *= 20
    power = plant["pcs.apparent_power"]
    power[6 * DAY :] -= 0.05 * np.abs(power[6 * DAY :])
    plant["bms.voltage"][6 * DAY :] += 2.0
    groups = {each.channel: each.group for _, each in crossings(plant)}
    assert groups["pcs.apparent_power"] == "relation.pcs.apparent_power"
    assert groups["bms.voltage"] == "signals"


def test_a_limit_rises_where_healthy_channels_pass_it_too_often_but_not_beyond_all_measure() -> None:
    class Restless(Silence):
        """Its channels wander."""

        name = "restless"
        own_limit: ClassVar[str | None] = None

        def score(self, t_ms: int, value: Float64) -> Float64:
            return value

    def alarms(middle: float, spread: float) -> tuple[int, float]:
        draws = np.random.default_rng(1).gumbel(middle, spread, (800, 3))
        part = Part(Restless(Subject("b", ("a.x", "a.y", "a.z"), 60.0)), limit=7.0, per_week=0.25)
        found = [part.update(block * BLOCK_MS, row) for block, row in enumerate(draws)]
        return sum(1 for each in found[200:] if each), 7.0 * part._raised()

    assert alarms(4.0, 0.1) == (0, 7.0)
    for middle, spread in ((4.0, 0.6), (2.0, 2.0)):
        many, limit = alarms(middle, spread)
        assert 7.0 < limit < 10.0
        assert many <= 0.25 * 600 / 28


def test_the_farthest_comes_first() -> None:
    plant = string(1)
    plant["cells.p1_v6"][:] -= 0.03
    plant["cells.p2_v1"][:] -= 0.06
    found = crossings(plant)
    assert [each.channel for _, each in found[:2]] == ["cells.p2_v1", "cells.p1_v6"]


def test_a_device_without_anything_to_compare_is_quiet() -> None:
    across = Across(Subject("m1", ("meter.active_power",), 60.0))
    assert across.update(0, np.array([1.0])) == []


def test_a_level_counts_after_two_days_and_fades() -> None:
    accustomed = Accustomed(1)
    levels = []
    for block in range(60):
        accustomed.update(block * BLOCK_MS, np.array([10.0 if block == 0 else 0.0]))
        levels.append(float(accustomed.level[0]))
    assert levels[:9] == [0.0] * 9
    assert max(levels) == 10.0
    assert 5.0 < levels[-1] < 7.0


def test_a_hole_of_months_costs_no_loop() -> None:
    accustomed = Accustomed(1)
    accustomed.update(0, np.array([10.0]))
    accustomed.update(1000 * BLOCK_MS, np.array([0.0]))
    assert accustomed.level.tolist() == [10.0]
