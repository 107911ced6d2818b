"""Cell temperatures that leave their habit, or stand still."""

from __future__ import annotations

import numpy as np

from bessline.analytics.detectors.cell_temperature import CellTemperature, StuckTemperature
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, scored, string

CELL = "cells.p2_t4"


def test_healthy_cells_stay_low() -> None:
    for kind in (CellTemperature, StuckTemperature):
        assert np.nanmax(scored(kind(SUBJECT), string(4))) < 5


def test_a_sensor_that_stands_still_is_seen_when_its_pack_moves() -> None:
    """Not while the pack stands still itself; the charge at eight warms it."""
    plant, detector = string(3), StuckTemperature(SUBJECT)
    plant[CELL][2 * DAY :] = plant[CELL][2 * DAY]
    score = scored(detector, plant)
    channel = detector.channels.index(CELL)
    first = int(np.argmax(score[:, channel] > 7))
    moved = np.abs(np.stack([plant[name] for name in SUBJECT.signals if "p2_t" in name], axis=1) - plant[CELL][[-1]])
    assert 2 * DAY + HOUR < first <= 2 * DAY + 8 * HOUR + 5
    assert np.median(moved[first]) > 0.5
    assert "unchanged for" in detector.explain(channel).reason
    assert "while its pack moved by" in detector.explain(channel).reason


def test_a_warm_cell_is_told_with_its_usual_distance() -> None:
    plant, detector = string(3), CellTemperature(SUBJECT)
    plant[CELL][2 * DAY + HOUR :] += 2.0
    score = scored(detector, plant)
    channel = detector.channels.index(CELL)
    assert 2 * DAY + HOUR < int(np.argmax(score[:, channel] > 7)) < 2 * DAY + 2 * HOUR
    assert "over its pack's median; usually" in detector.explain(channel).reason


def test_a_cell_at_the_end_of_a_row_is_always_colder() -> None:
    plant = string(4)
    plant[CELL][:] -= 3.0
    assert np.nanmax(scored(CellTemperature(SUBJECT), plant)) < 5


def test_what_was_held_before_a_hole_was_not_held_in_it() -> None:
    plant, detector = string(2), StuckTemperature(SUBJECT)
    begin, end = 5 * HOUR, 17 * HOUR
    plant[CELL][end:] = plant[CELL][begin - 1]
    rows = [each for tick, each in enumerate(plant.readings(days=0.72)) if not begin <= tick < end]
    score = np.stack([detector.score(each.t_ms, each.value) for each in rows])
    assert np.nanmax(score) < 5
