"""A spike is a single value far from both neighbours; steps, ramps and noise are none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bessline.quality.spans import Mask
from bessline.quality.spikes import spikes
from bessline.sources.base import Float64

RANDOM = np.random.default_rng(0)


def regular(value: Float64) -> Mask:
    return spikes(np.arange(len(value)) * 30_000, value)


def test_single_values_that_jump_away_are_found() -> None:
    value = 800 + RANDOM.normal(0, 1, 5000)
    value[[100, 2000, 4999 - 1]] = 830, 760, 900
    assert np.flatnonzero(regular(value)).tolist() == [100, 2000, 4998]


def test_a_duty_cycle_and_a_step_are_none() -> None:
    """A compressor that runs four readings of thirteen, and a converter that starts."""
    cycle = np.where(np.arange(2000) % 13 < 4, 3.2, 0.6)
    assert regular(cycle).sum() == 0
    assert regular(np.repeat([0.0, 100.0], 500) + RANDOM.normal(0, 0.1, 1000)).sum() == 0


@pytest.mark.parametrize("value", [np.zeros(1000), np.arange(1000.0), np.array([1.0, 9.0, 1.0]), np.empty(0)])
def test_constants_ramps_and_few_values_have_none(value: Float64) -> None:
    assert regular(value).sum() == 0


def test_beside_a_missing_reading_nobody_knows() -> None:
    """A pulse of three readings of which two are missing is no spike."""
    value = 800 + RANDOM.normal(0, 1, 1000)
    value[500] = 840
    t_ms = np.arange(1000) * 30_000
    assert spikes(t_ms, value).sum() == 1
    t_ms[501:] += 60_000
    assert spikes(t_ms, value).sum() == 0


def test_a_coarse_signal_does_not_spike_by_its_last_digit() -> None:
    value = np.round(50 + 40 * np.sin(np.arange(5000) / 200))
    value[::97] += 1
    assert regular(value).sum() == 0


@pytest.mark.real
def test_every_labelled_outlier_of_a_real_inverter_is_found_and_no_more(shared_data: Path) -> None:
    """pvanalytics' inverter 7539: 6 of 500 rows are labelled; precision 1.00, recall 1.00."""
    rows = pd.read_csv(shared_data / "pvanalytics" / "ac_power_inv_7539_outliers.csv", parse_dates=["timestamp"])
    t_ms = rows["timestamp"].dt.tz_localize(None).to_numpy().astype("M8[ms]").astype(np.int64)
    found = spikes(t_ms, rows["value_normalized"].to_numpy())
    assert (found == rows["outlier"].to_numpy()).all()
    assert found.sum() == 6
