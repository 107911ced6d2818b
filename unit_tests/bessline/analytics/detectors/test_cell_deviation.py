"""A cell that stands apart from its pack."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.detectors.cell_deviation import CellDeviation, apart_in_words
from unit_tests.bessline.analytics.string import HOUR, SUBJECT, scored, string


def test_healthy_cells_stay_low() -> None:
    assert np.nanmax(scored(CellDeviation(SUBJECT), string(2))) < 6


def test_a_cell_apart_is_seen_at_once_and_by_name() -> None:
    """Within an hour of the first reading: it needs no past."""
    plant, detector = string(1), CellDeviation(SUBJECT)
    plant["cells.p2_v3"][:] -= 0.041
    score = scored(detector, plant)
    first = int(np.argmax((score > 20).any(axis=1)))
    assert 0 < first < HOUR
    assert detector.channels[int(np.nanargmax(score[first]))] == "cells.p2_v3"


def test_it_says_where_what_and_by_how_much() -> None:
    plant, detector = string(1), CellDeviation(SUBJECT)
    plant["cells.p2_v3"][:] -= 0.041
    for reading in plant.readings(days=0.2):
        detector.score(reading.t_ms, reading.value)
    found = detector.explain(detector.channels.index("cells.p2_v3"))
    assert found.reason.startswith("cell 2/3: 3.16")
    assert " mV under its pack's median; the spread of all cells is 1.0 mV now" in found.reason
    assert found.value is not None
    assert found.expected == pytest.approx(found.value + 0.041, abs=0.002)


def test_a_moving_current_says_nothing() -> None:
    """Cells are read one after the other: half of them may still show the current before."""
    plant = string(1)
    score = scored(CellDeviation(SUBJECT), plant)
    assert np.isnan(score[8 * HOUR : 8 * HOUR + 2]).all()
    assert not np.isnan(score[8 * HOUR + 10]).any()


def test_words_know_over_and_under() -> None:
    assert apart_in_words("cells.p1_v2", 3.3, 0.0151) == "cell 1/2: 3.300 V, 15 mV over its pack's median"
