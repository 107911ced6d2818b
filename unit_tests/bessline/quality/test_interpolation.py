"""A straight line of many values is drawn, not measured."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bessline.quality.interpolation import interpolated

RANDOM = np.random.default_rng(0)


def test_a_filled_gap_is_found_with_both_its_ends() -> None:
    value = 20 + RANDOM.normal(0, 1, 1000)
    value[300:400] = np.linspace(value[300], value[399], 100)
    assert np.flatnonzero(interpolated(value)).tolist() == list(range(300, 400))


@pytest.mark.parametrize(("values", "found"), [(11, 0), (12, 12)])
def test_twelve_on_a_line_are_no_chance(values: int, found: int) -> None:
    """Eleven may be."""
    value = np.concatenate([20 + RANDOM.normal(0, 1, 50), np.linspace(30, 40, values), 20 + RANDOM.normal(0, 1, 50)])
    assert interpolated(value).sum() == found


def test_a_constant_is_no_ramp_and_a_quantised_ramp_is_no_line() -> None:
    """A charge at constant power moves the state of charge by one step at a time."""
    assert interpolated(np.full(100, 5.0)).sum() == 0
    assert interpolated(np.round(np.arange(500) * 0.1, 1)).sum() == 0
    assert interpolated(np.arange(8.0)).sum() == 0


@pytest.mark.real
def test_lines_of_a_real_inverter_are_found(shared_data: Path) -> None:
    """pvanalytics' inverter 2173: of 1,254 labelled rows 68 are a night of zeros, which is no line to us."""
    rows = pd.read_csv(shared_data / "pvanalytics" / "ac_power_inv_2173_interpolated_data.csv")
    labelled = rows["interpolated_data_mask"].to_numpy()
    found = interpolated(rows["value_normalized"].to_numpy())
    right = (found & labelled).sum()
    assert labelled.sum() == 1254
    assert right / found.sum() >= 0.98
    assert right / labelled.sum() >= 0.93
