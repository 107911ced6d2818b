"""A signal that falls silent."""

from __future__ import annotations

import numpy as np

from bessline.analytics.detectors.silence import Silence
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, scored, string

NAME = "aux.outside_temp"


def test_a_signal_that_is_away_while_others_go_on_is_found_within_the_hour() -> None:
    plant, detector = string(3), Silence(SUBJECT)
    plant[NAME][2 * DAY :] = np.nan
    score = scored(detector, plant)[:, detector.channels.index(NAME)]
    first = int(np.argmax(score > 1)) - 2 * DAY
    assert 0.6 * HOUR <= first <= HOUR
    assert detector.explain(detector.channels.index(NAME)).reason == (
        "aux.outside_temp: no value for 24 hours while the others go on; it never was before"
    )


def test_a_device_that_is_silent_as_a_whole_is_a_gap() -> None:
    plant = string(3)
    plant.values[2 * DAY : 2 * DAY + 6 * HOUR] = np.nan
    assert np.nanmax(scored(Silence(SUBJECT), plant)) < 1


def test_a_signal_that_is_often_away_is_given_more_time() -> None:
    plant = string(4)
    plant[NAME][DAY : DAY + HOUR // 2] = plant[NAME][3 * DAY : 3 * DAY + 4 * HOUR // 3] = np.nan
    assert np.nanmax(scored(Silence(SUBJECT), plant)) < 1


def test_a_signal_that_never_was_there_is_not_missed() -> None:
    plant, detector = string(3), Silence(SUBJECT)
    plant[NAME][:] = np.nan
    assert np.isnan(scored(detector, plant)[:, detector.channels.index(NAME)]).all()
