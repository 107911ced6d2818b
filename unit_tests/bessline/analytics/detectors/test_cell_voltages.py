"""Cell voltages as the detectors need them."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.detectors.cell_voltages import CHARGE, DISCHARGE, IDLE, CellVoltages
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, string


def test_it_tells_of_the_reading_before_the_newest() -> None:
    """Only then is it known that the current held still."""
    plant, cells = string(1), CellVoltages(SUBJECT)
    for tick, reading in enumerate(plant.readings(days=0.1)):
        cells.update(reading.t_ms, reading.value)
        if tick > 10:
            assert cells.value[3] == plant["cells.p1_v4"][tick - 1]
            assert cells.soc == plant["bms.soc"][tick - 1]


def test_it_knows_charge_rest_and_discharge() -> None:
    plant, cells = string(1), CellVoltages(SUBJECT)
    seen = []
    for reading in plant.readings():
        cells.update(reading.t_ms, reading.value)
        seen.append(cells.regime if cells.steady else None)
    hours = {9: CHARGE, 14: IDLE, 17: DISCHARGE, 22: IDLE}
    assert {hour: seen[hour * HOUR + 10] for hour in hours} == hours
    assert None in seen[8 * HOUR : 8 * HOUR + 4]


def test_the_deviation_is_a_mean_of_minutes() -> None:
    """Noise of a single reading does not stand out."""
    plant, cells = string(1), CellVoltages(SUBJECT)
    rows = []
    for reading in plant.readings(days=0.3):
        cells.update(reading.t_ms, reading.value)
        if cells.steady:
            rows.append(cells.apart)
    volts = np.stack([plant[name] for name in SUBJECT.signals if "_v" in name], axis=1)[: DAY // 4, :8]
    raw = (volts - np.median(volts, axis=1, keepdims=True)).std(axis=0).mean()
    assert np.stack(rows)[20:, :8].std(axis=0).mean() < 0.9 * raw


def test_a_cell_that_was_away_begins_anew() -> None:
    plant, cells = string(1), CellVoltages(SUBJECT)
    plant["cells.p1_v1"][20:40] = np.nan
    for tick, reading in enumerate(plant.readings(days=0.2)):
        cells.update(reading.t_ms, reading.value)
        if tick == 30:
            assert np.isnan(cells.apart[0])
    assert cells.apart[0] == pytest.approx(0.0, abs=0.003)
