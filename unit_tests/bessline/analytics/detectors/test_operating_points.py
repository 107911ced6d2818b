"""What each cell usually does at a state of charge and a current."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.analytics.detectors.operating_points import BINS, OperatingPoints
from unit_tests.bessline.analytics.string import DAY, PACKS, PER_PACK, SUBJECT, string


def seen(days: int, *, ohm: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None) -> OperatingPoints:
    points = OperatingPoints(SUBJECT)
    for reading in string(days, ohm=ohm).readings():
        points.update(reading.t_ms, reading.value)
    return points


@given(st.one_of(st.just(float("nan")), st.floats(-5, 120)), st.sampled_from([0, 1, 2]))
def test_every_state_has_a_point(soc: float, regime: int) -> None:
    assert regime * BINS <= OperatingPoints.place(soc, regime) < (regime + 1) * BINS


def test_resistance_comes_out_of_charge_and_discharge() -> None:
    """To a hundredth of a milliohm, cell by cell, from four days."""
    ohm = 2e-4 * (1 + 0.05 * np.random.default_rng(3).standard_normal(PACKS * PER_PACK))
    more = seen(4, ohm=ohm).ohms()
    assert more is not None
    true = (ohm.reshape(PACKS, -1) - np.median(ohm.reshape(PACKS, -1), axis=1, keepdims=True)).ravel()
    np.testing.assert_allclose(more, true, atol=5e-6)


def test_one_day_is_no_evidence_of_resistance_and_nothing_is_known_on_a_first_visit() -> None:
    points = OperatingPoints(SUBJECT)
    known = 0
    for reading in string(1).readings(days=0.5):
        points.update(reading.t_ms, reading.value)
        known += points.row is not None and points.row < BINS and not np.isnan(points.error).all()
    assert known == 0
    assert points.ohms() is None


def test_a_step_shows_against_the_habit() -> None:
    points, plant = OperatingPoints(SUBJECT), string(4)
    plant["cells.p1_v2"][3 * DAY :] += 0.015
    errors = []
    for reading in plant.readings(days=3.1):
        points.update(reading.t_ms, reading.value)
        errors.append(points.error[1])
    assert np.nanmax(np.abs(errors[DAY : 3 * DAY])) < 0.002
    assert np.nanmax(errors[3 * DAY :]) == pytest.approx(0.0125, abs=0.0025)
