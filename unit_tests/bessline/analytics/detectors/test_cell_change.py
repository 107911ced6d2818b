"""A cell that stands otherwise than it used to."""

from __future__ import annotations

import numpy as np

from bessline.analytics.detectors.cell_change import CellChange
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, scored, string


def test_healthy_cells_stay_low() -> None:
    assert np.nanmax(scored(CellChange(SUBJECT), string(4))) < 5


def test_a_step_of_a_sensor_is_seen_within_minutes_and_explained_by_its_habit() -> None:
    plant, detector = string(4), CellChange(SUBJECT)
    plant["cells.p2_v5"][3 * DAY + HOUR :] += 0.015
    score = scored(detector, plant)
    channel = detector.channels.index("cells.p2_v5")
    first = int(np.argmax(score[:, channel] > 7))
    assert 3 * DAY + HOUR < first < 3 * DAY + 2 * HOUR
    assert "at this state of charge and current it usually is" in detector.explain(channel).reason


def test_what_a_cell_always_does_is_its_habit() -> None:
    """A weak cell from the start is none of this detector's business."""
    plant = string(5)
    plant["cells.p2_v5"][:] += 0.0004 * (plant["bms.soc"] - 50)
    assert np.nanmax(scored(CellChange(SUBJECT), plant)[2 * DAY :]) < 7


def test_a_step_becomes_the_habit_within_two_days() -> None:
    plant = string(7)
    plant["cells.p1_v2"][3 * DAY :] += 0.015
    assert np.nanmax(scored(CellChange(SUBJECT), plant)[6 * DAY :]) < 7
