"""A cell that resists more than its pack."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.detectors.cell_resistance import CellResistance
from unit_tests.bessline.analytics.string import DAY, SUBJECT, scored, string


def test_healthy_cells_stay_low() -> None:
    assert np.nanmax(scored(CellResistance(SUBJECT), string(5))) < 5


def test_sixty_percent_more_is_named_and_measured() -> None:
    plant, detector = string(8), CellResistance(SUBJECT)
    plant["cells.p1_v7"][3 * DAY :] -= 0.6 * 2e-4 * plant.amps[3 * DAY :]
    score = scored(detector, plant)
    channel = detector.channels.index("cells.p1_v7")
    assert score[-1, channel] > 10
    assert int(np.nanargmax(score[-1])) == channel
    words = detector.explain(channel).reason
    assert words.startswith("cell 1/7: 0.")
    assert float(words.split()[2]) == pytest.approx(0.12, abs=0.04)


def test_less_resistance_is_no_fault() -> None:
    plant, detector = string(6), CellResistance(SUBJECT)
    plant["cells.p1_v7"][:] += 0.6 * 2e-4 * plant.amps
    score = scored(detector, plant)
    assert np.nanmax(score[:, detector.channels.index("cells.p1_v7")]) < 1
