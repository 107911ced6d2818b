"""Signals that do not fit together as they always do."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics import Subject
from bessline.analytics.detectors.joint import JointShape
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, scored, string


def test_a_healthy_plant_stays_low() -> None:
    assert np.nanmax(scored(JointShape(SUBJECT), string(8))) < 6


def test_water_that_does_not_fit_the_rest_is_named_with_what_would() -> None:
    plant, detector = string(7), JointShape(SUBJECT)
    plant["aux.outwater_temp"][6 * DAY :] += 3
    score = scored(detector, plant)
    channel = detector.channels.index("aux.outwater_temp")
    first = int(np.argmax(score[:, channel] > 7))
    assert 6 * DAY < first < 6 * DAY + HOUR
    assert int(np.nanargmax(score[6 * DAY + 2 * HOUR])) == channel
    words = detector.explain(channel).reason
    assert "on average of the last 30 minutes" in words
    assert "that its habit beside the other 8 signals lets expect" in words
    assert " times the usual " in words


def test_a_signal_that_is_away_says_nothing_and_stops_no_other() -> None:
    plant, detector = string(7), JointShape(SUBJECT)
    plant["aux.outside_temp"][:] = np.nan
    last = scored(detector, plant)[-1]
    known = [name for name, score in zip(detector.channels, last, strict=True) if np.isfinite(score)]
    assert known == [name for name in detector.channels if name != "aux.outside_temp"]


def test_the_components_are_those_of_the_correlations() -> None:
    """Against numpy's on the same rows."""
    plant, detector = string(4), JointShape(SUBJECT)
    scored(detector, plant)
    columns = np.stack([plant[name] for name in detector.channels], axis=1)
    power, basis = np.linalg.eigh(np.corrcoef(columns, rowvar=False))
    assert abs(float(detector._basis[:, 0] @ basis[:, -1])) == pytest.approx(1.0, abs=0.05)
    assert detector._basis.shape[1] == int(np.searchsorted(np.cumsum(power[::-1]) / power.sum(), 0.9)) + 1


def test_a_few_signals_have_no_shape() -> None:
    assert JointShape(Subject("m1", ("meter.active_power", "meter.power_factor"), 60.0)).channels == ()
