"""Real series of several signals, and where the measured data is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from bessline.sources.base import Float64, Int64

DATA = Path(os.environ.get("BESSLINE_SHARED", "../shared")) / "data"


def household(data: Path) -> tuple[Int64, Float64]:
    """The household's meter, hourly: stamps and float64[hours, 5]. An hour of exactly 0 was not measured."""
    file = data / "uci_household" / "household_power_consumption_hourly_resampled.csv"
    frame = pd.read_csv(file, index_col="datetime", parse_dates=True)
    names = ["Global_active_power", "Global_reactive_power", "Voltage", "Global_intensity", "Sub_metering_2"]
    return _columns(frame[names].mask(frame["Voltage"] == 0))


def solar_household(data: Path) -> tuple[Int64, Float64]:
    """Load and generation of a household, 30 minutes: stamps and float64[rows, 2], NaN where missing."""
    file = data / "emhass_household" / "long_train_data_converted.csv"
    frame = pd.read_csv(file, index_col="ts_utc", parse_dates=True)
    return _columns(frame[["sensor.power_load_no_var_loads", "sensor.power_photovoltaics"]])


def _columns(frame: pd.DataFrame) -> tuple[Int64, Float64]:
    frame = frame[~frame.index.duplicated()].sort_index()
    stamps = pd.DatetimeIndex(frame.index).tz_localize(None).to_numpy()
    return stamps.astype("datetime64[ms]").astype(np.int64), frame.to_numpy(dtype=np.float64)
