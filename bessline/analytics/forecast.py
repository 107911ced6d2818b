"""The next 24 hours of power, state of charge and load, each hour of data time, with bands that are kept honest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.analytics.forecasting.base import HOUR_S
from bessline.analytics.forecasting.local_clock import LocalClock
from bessline.analytics.forecasting.signal_forecast import SignalForecast
from bessline.analytics.forecasting.step_means import StepMeans
from bessline.analytics.stamps import utc
from bessline.sources.base import Float64, Int64

#: What is forecast of a device; of each row the first that it has.
WANTED = (("pcs.active_power", "pcs.apparent_power"), ("bms.soc",), ("meter.active_power",))
#: The steps there are: the smallest that is not shorter than the pace of the readings.
STEPS_S = (900, 1800, 3600)


class Forecaster(Analytic):
    """One `forecast` event a signal and hour of data time, once its evidence suffices.

    Readings become means over steps of 15 minutes (of their own pace where that is slower, up to an hour; what is
    slower still is not forecast). A step with less than half of its values is missing, and so is a hole: nothing is
    filled in. `forecasting.pool` tells the methods, how one is chosen and what the floor is, `forecasting.bands` what
    the bands promise.

    `wanted`: what to forecast; of each row the first that the device has.
    """

    name = "forecast"

    def __init__(self, subject: Subject, *, wanted: Sequence[Sequence[str]] = WANTED) -> None:
        found = [name for names in wanted for name in [n for n in names if n in subject.signals][:1]]
        self._device_id = subject.device_id
        self._too_slow = subject.period_s > STEPS_S[-1]
        self._step_s = next((step for step in STEPS_S if step >= subject.period_s), STEPS_S[-1])
        self._columns: Int64 = np.array([subject.signals.index(name) for name in found], dtype=np.int64)
        self._means = StepMeans(len(found), step_s=self._step_s, period_s=subject.period_s)
        self._clock = LocalClock(subject.timezone, self._step_s)
        #: One a signal that is forecast.
        self.series = [] if self._too_slow else [SignalForecast(name, self._step_s) for name in found]
        self._newest: dict[str, Mapping[str, Any]] = {}

    def update(self, reading: Reading) -> Sequence[Event]:
        """Take a reading; one that opens a new hour brings the forecasts."""
        if not self.series:
            return ()
        closed = self._means.add(reading.t_ms, reading.value[self._columns])
        if closed is None:
            return ()
        step, means = closed
        end = reading.t_ms // (self._step_s * 1000)
        on_the_hour = end * self._step_s % HOUR_S == 0
        self._take(step, means, refit=not on_the_hour or self._step_s == HOUR_S)
        self._skip(end - step - 1)
        return self._forecasts(end, reading.t_ms) if on_the_hour else ()

    def state(self) -> dict[str, Any]:
        """For each signal what it has learned, each method's error over the floor's, and its newest forecast."""
        silent = "the readings are too rare" if self._too_slow else "there is no power, state of charge or load"
        signals = {one.signal: {**one.state(), "newest": self._newest.get(one.signal)} for one in self.series}
        return {"step_s": self._step_s, "signals": signals, "status": "on" if self.series else f"off: {silent}"}

    def _take(self, step: int, means: Float64, *, refit: bool) -> None:
        """The tick that forecasts does not fit as well, where there is another."""
        at = self._clock.slots(step, 1)
        for hour, (series, mean) in enumerate(zip(self.series, means.tolist(), strict=True)):
            series.take(step, mean, at=at)
            if refit:
                series.refit_nightly(at, hour=hour % 24)

    def _skip(self, count: int) -> None:
        for series in self.series:
            series.skip(count)

    def _forecasts(self, end: int, t_ms: int) -> list[Event]:
        targets = self._clock.slots(end, self.series[0].memory.horizon)
        stamps = [utc(step * self._step_s * 1000) for step in range(end, end + len(targets.day))]
        for series in self.series:
            found = series.forecast(targets, stamps)
            if found is None:
                self._newest.pop(series.signal, None)
            else:
                self._newest[series.signal] = {"device_id": self._device_id, "issued_at": stamps[0], **found}
        return [Event(self.name, t_ms, data) for data in self._newest.values()]
