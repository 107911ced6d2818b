"""The site around the units: what it consumes, what its photovoltaics give, and the registers of its meters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bessline.demo.plant import STEP_S, STEPS, random_for
from bessline.demo.schedule import is_workday
from bessline.sources.base import Float64

_HOURS = np.array([0, 5, 6.5, 8, 10, 12, 13, 15, 18, 20, 22, 24], dtype=np.float64)
_WORK_KW = np.array([46, 44, 60, 118, 142, 120, 131, 146, 112, 78, 58, 46], dtype=np.float64)
_REST_KW = np.array([46, 43, 44, 50, 56, 58, 57, 55, 58, 62, 54, 46], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SiteDay:
    """Load and photovoltaic power of a local day, float64[STEPS] each, kW."""

    load_kw: Float64
    pv_kw: Float64


def site_day(seed: int, *, day: int) -> SiteDay:
    """The undisturbed site on local day number `day`."""
    rng = random_for(seed, "site", day)
    hour = np.arange(STEPS) * STEP_S / 3600
    shape = np.interp(hour, _HOURS, _WORK_KW if is_workday(day) else _REST_KW)
    load = shape * (1 + 0.03 * rng.standard_normal()) + _flicker(rng, 4.0)
    sun = np.clip(np.sin(np.pi * (hour - 5.2) / 13.4), 0, None) ** 1.25 * ((hour > 5.2) & (hour < 18.6))
    clouds = np.clip(rng.uniform(0.35, 1.0) + _flicker(rng, 0.08), 0.05, 1.02)
    return SiteDay(load_kw=np.clip(load, 5.0, None), pv_kw=120.0 * sun * clouds)


def _flicker(rng: np.random.Generator, size: float) -> Float64:
    """Five-minute changes of standard deviation `size`, zero at both ends so that days join."""
    knots = size * rng.standard_normal(STEPS * STEP_S // 300 + 1)
    knots[0] = knots[-1] = 0.0
    return np.interp(np.arange(STEPS) * STEP_S, np.arange(len(knots)) * 300.0, knots)


class Register:
    """The energy registers of one meter: they integrate the very power that is simulated."""

    def __init__(self, *, imported_kwh: float, exported_kwh: float) -> None:
        self.imported_kwh, self.exported_kwh = imported_kwh, exported_kwh

    def run(self, power_kw: Float64) -> dict[str, Float64]:
        """Registers (kWh) at the edges of the steps, float64[n + 1] each, for `power_kw` float64[n], import positive.

        >>> meter = Register(imported_kwh=10.0, exported_kwh=0.0)
        >>> meter.run(np.array([360.0, -720.0]))["net_kwh"].tolist()
        [10.0, 11.0, 9.0]
        """
        imported = self._edges(self.imported_kwh, np.clip(power_kw, 0, None))
        exported = self._edges(self.exported_kwh, np.clip(-power_kw, 0, None))
        self.imported_kwh, self.exported_kwh = float(imported[-1]), float(exported[-1])
        return {"import_kwh": imported, "export_kwh": exported, "net_kwh": imported - exported}

    @staticmethod
    def _edges(start: float, power_kw: Float64) -> Float64:
        return start + np.concatenate(([0.0], np.cumsum(power_kw) * STEP_S / 3600))


class Meter:
    """One meter of the site: its signals for a day of power."""

    def __init__(self, register: Register) -> None:
        self.register = register

    def run(self, power_kw: Float64, *, reactive_kvar: Float64) -> dict[str, Float64]:
        """Signals by name; `power_kw` (import positive) and `reactive_kvar` are float64[n]."""
        apparent = np.maximum(np.hypot(power_kw, reactive_kvar), 1e-9)
        return {"power_kw": power_kw, "power_factor": np.abs(power_kw) / apparent, **self.register.run(power_kw)}
