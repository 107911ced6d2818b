"""Weather, liquid cooling and the power of the auxiliaries."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bessline.demo.plant import STEP_S, STEPS, random_for
from bessline.sources.base import Float64

_COMPRESSOR_PERIOD_S = 780


class Coolant(NamedTuple):
    """The cooling loop at each step, float64[n]: °C, bar, and the power (kW) of the auxiliaries that drive it."""

    outwater_c: Float64
    return_c: Float64
    outwater_bar: Float64
    return_bar: Float64
    aux_kw: Float64


def lag(values: Float64, *, start: float, tau_s: float) -> Float64:
    """First-order lag of `values` (float64[n], constant within a step) with time constant `tau_s`: float64[n + 1].

    Element k is the state at the start of step k; the last one is where the next day begins.

    >>> lag(np.ones(2), start=0.0, tau_s=STEP_S / math.log(2)).round(3).tolist()
    [0.0, 0.5, 0.75]
    """
    keep = math.exp(-STEP_S / tau_s)
    state, out = start, [start]
    for value in ((1 - keep) * values).tolist():
        state = keep * state + value
        out.append(state)
    return np.array(out)


def outside_c(seed: int, *, day: int) -> Float64:
    """Temperature outside at each step of a local day (°C): warmest at three, each day with its own level."""
    here, there = (2.2 * random_for(seed, "weather", day + ahead).standard_normal() for ahead in (0, 1))
    share = np.arange(STEPS) / STEPS
    season = 6.0 * np.sin(2 * np.pi * (day + share + 30) / 365.25)
    return 21.0 + season + here * (1 - share) + there * share + 5.5 * np.sin(2 * np.pi * (share - 9 / 24))


def coolant(outside: Float64, *, heat_kw: Float64, shift_c: Float64) -> Coolant:
    """The cooling loop at each step (float64[n] in and out).

    Parameters
    ----------
    outside: °C. heat_kw: heat of cells and converter to be taken away. shift_c: what a fault adds to the coolant, °C.
    """
    phase = (np.arange(len(outside)) * STEP_S % _COMPRESSOR_PERIOD_S) / _COMPRESSOR_PERIOD_S
    duty = np.clip(0.18 + 0.018 * (outside - 15) + 0.1 * heat_kw, 0.08, 0.95)
    running = np.where(phase < duty, 1.0, 0.0)
    swing = np.where(phase < duty, 0.5 - phase / duty, (phase - duty) / (1 - duty) - 0.5)
    out_c = 19.5 + 0.1 * (outside - 22) + 1.1 * swing + shift_c
    return Coolant(
        outwater_c=out_c,
        return_c=out_c + 0.4 + 1.3 * heat_kw,
        outwater_bar=2.30 + 0.04 * running,
        return_bar=1.42 + 0.02 * running,
        aux_kw=0.55 + 0.012 * np.clip(outside - 15, 0, 20) + 2.6 * running,
    )
