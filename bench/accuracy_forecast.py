"""Forecasts of real meters, 24 h ahead: error over that of the seasonal naive, coverage of the bands, time to issue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.figures import percentile
from bench.real_series import DATA
from bessline.analytics import Reading, Subject
from bessline.analytics.forecast import Forecaster
from bessline.sources.base import Float64, Int64

HOUR_MS = 3_600_000
HORIZON = 24
#: The last year is judged, from origins 25 h apart: they rotate through the day. Two years before it are learned from.
JUDGED_HOURS, ORIGIN_HOURS = 8760, 25
FED_HOURS = 3 * JUDGED_HOURS
#: A month counts for the worst one when it has this many points.
MONTH_POINTS = 400
#: A series that is shorter than two years is judged after four weeks of learning.
LEARNING_HOURS = 24 * 28


@dataclass(frozen=True, slots=True)
class Meter:
    """Hourly means of one real meter; `first` hour since the epoch, NaN where missing."""

    name: str
    timezone: str
    first: int
    value: Float64


@dataclass(frozen=True, slots=True)
class Judged:
    """One meter's forecasts of the judged origins: float64[origins, 24]; `single` [origins, methods, 24]."""

    meter: Meter
    names: tuple[str, ...]
    origin: Int64
    truth: Float64
    median: Float64
    lower: Float64
    upper: Float64
    single: Float64

    @property
    def fair(self) -> npt.NDArray[np.bool_]:
        """The points that happened, and of which the seasonal naive and ours both said something."""
        return np.isfinite(self.truth) & np.isfinite(self.single[:, 0]) & np.isfinite(self.median)

    def error(self, forecast: Float64) -> float:
        """Mean absolute error; where a single method was silent, the floor speaks for it."""
        spoken = np.where(np.isfinite(forecast), forecast, self.single[:, 0])
        return float(np.abs(spoken - self.truth)[self.fair].mean())

    @property
    def ratio(self) -> float:
        """Our error over the seasonal naive's."""
        return self.error(self.median) / self.error(self.single[:, 0])

    @property
    def mase(self) -> float:
        """Our error over that of the seasonal naive on all that came before the judged time."""
        before = self.meter.value[: int(self.origin[0]) - self.meter.first]
        return self.error(self.median) / float(np.nanmean(np.abs(before[HORIZON:] - before[:-HORIZON])))

    @property
    def covered(self) -> Float64:
        """Whether each point lay in its band: 1.0 or 0.0, NaN where there is no truth or band."""
        inside = (self.truth >= self.lower) & (self.truth <= self.upper)
        return np.where(np.isfinite(self.truth) & np.isfinite(self.lower), inside, np.nan)

    @property
    def worst_month(self) -> tuple[float, str]:
        """The lowest coverage of a month that has enough points, and which."""
        covered = self.covered.ravel()
        hours = (self.origin[:, None] + np.arange(HORIZON)).ravel().astype("datetime64[h]")
        months = pd.Series(covered).groupby(hours.astype("datetime64[M]").astype(str)).agg(["mean", "count"])
        enough = months[months["count"] >= MONTH_POINTS]["mean"]
        return float(enough.min()), str(enough.idxmin())


def meters() -> Iterator[Meter]:
    """The four. An hour of exactly 0 is missing (the meters' dead hours), as each SOURCE.txt or its data tells."""
    for name in ("Eberhart", "JacksonLibraryTower"):
        table = pd.read_csv(DATA / f"uncg_campus_meters/{name}_results.csv", usecols=["Actual", "Datetime"])
        yield _hourly(
            name, "America/New_York", pd.Series(table.Actual.values, pd.to_datetime(table.Datetime, utc=True))
        )
    table = pd.read_csv(DATA / "emhass_household/long_train_data_converted.csv")
    load = pd.to_numeric(table["sensor.power_load_no_var_loads"], errors="coerce") / 1000
    yield _hourly("EMHASS household", "Europe/Paris", pd.Series(load.values, pd.to_datetime(table.ts_utc, utc=True)))
    table = pd.read_csv(DATA / "uci_household/household_power_consumption_hourly_resampled.csv")
    stamps = pd.to_datetime(table.datetime).dt.tz_localize("UTC")
    yield _hourly("UCI household", "UTC", pd.Series(table.Global_active_power.to_numpy() / 60, stamps))


def _hourly(name: str, timezone: str, value: pd.Series[float]) -> Meter:
    value = value.where(value != 0)
    mean = value.groupby(pd.DatetimeIndex(value.index).floor("h")).mean()
    mean = mean.reindex(pd.date_range(mean.index[0], mean.index[-1], freq="h"))[-FED_HOURS:]
    first = int(mean.index[0].timestamp()) * 1000 // HOUR_MS
    return Meter(name, timezone, first, np.asarray(mean, dtype=np.float64))


def judge(meter: Meter) -> Judged:
    """Feed the meter hour by hour, and keep what was published of the last year."""
    forecaster = Forecaster(Subject(meter.name, ("meter.active_power",), 3600.0, meter.timezone))
    pool = forecaster.series[0].pool
    last = meter.first + len(meter.value)
    start = max(last - JUDGED_HOURS, meter.first + LEARNING_HOURS)
    said: dict[int, tuple[Float64, Float64]] = {}
    for hour, value in enumerate(meter.value, meter.first):
        events = forecaster.update(Reading(hour * HOUR_MS, np.array([value])))
        if events and hour >= start and hour + HORIZON <= last and (hour - start) % ORIGIN_HOURS == 0:
            horizon = [[step[key] for key in ("median", "lower", "upper")] for step in events[0].data["horizon"]]
            said[hour] = np.array(horizon, dtype=np.float64).T, pool.newest.astype(np.float64)
    origin = np.array(sorted(said))
    truth = np.stack([meter.value[hour - meter.first :][:HORIZON] for hour in origin])
    median, lower, upper = np.stack([said[hour][0] for hour in origin], axis=1)
    single = np.stack([said[hour][1] for hour in origin])
    return Judged(meter, pool.names, origin, truth, median, lower, upper, single)


def issue_ms(signals: int = 10, days: int = 10) -> list[float]:
    """CPU time of each update that issued the forecasts of 10 signals at 15-minute steps, its learning included."""
    names = tuple(f"meter.m{number}" for number in range(signals))
    forecaster = Forecaster(Subject("ten", names, 900.0, "Europe/Berlin"), wanted=[(name,) for name in names])
    noise = np.random.default_rng(1)
    taken = []
    for step in range(96 * days):
        reading = Reading(step * HOUR_MS // 4, 50 + 20 * np.sin(step / 96 * 2 * np.pi) + noise.normal(size=signals))
        began = time.thread_time()
        if forecaster.update(reading):
            taken.append((time.thread_time() - began) * 1000)
    return taken


def _row(label: str, values: list[float]) -> None:
    print(f"  {label:<40}" + "".join(f"{value:14.3f}" for value in values) + f"{np.mean(values):9.3f}")


def _methods(judged: list[Judged]) -> None:
    print(f"  {'':<40}" + "".join(f"{one.meter.name[:13]:>14}" for one in judged) + f"{'mean':>9}")
    print(f"  {'origins':<40}" + "".join(f"{len(one.origin):14}" for one in judged))
    print(f"  {'points':<40}" + "".join(f"{one.fair.sum():14}" for one in judged))
    _row("error over seasonal naive: ours", [one.ratio for one in judged])
    for place, name in enumerate(judged[0].names):
        _row(f"  {name}", [one.error(one.single[:, place]) / one.error(one.single[:, 0]) for one in judged])
    _row("MASE: ours", [one.mase for one in judged])


def _bands(judged: list[Judged]) -> None:
    _row("90 % bands cover", [float(np.nanmean(one.covered)) for one in judged])
    overall = np.nanmean(np.concatenate([one.covered.ravel() for one in judged]))
    print(f"  all points together {overall:.3f}")
    for one in judged:
        worst, month = one.worst_month
        print(f"  worst month of {one.meter.name:<24} {month} {worst:.3f}")


def main(folder: Path) -> None:
    """Print the table; it needs no scratch folder."""
    del folder
    print(f"forecasts {HORIZON} h ahead, hourly, over the last year, origins {ORIGIN_HOURS} h apart")
    judged = [judge(meter) for meter in meters()]
    _methods(judged)
    _bands(judged)
    taken = issue_ms()
    typical, slowest = percentile(taken, 0.5), percentile(taken, 0.99)
    print(f"  issuing 10 signals x 96 steps: CPU p50 {typical:.1f} ms, p99 {slowest:.1f} ms")
