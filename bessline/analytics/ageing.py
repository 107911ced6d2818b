"""What many charges say together: the trends of the cells, and the worst of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from bessline.analytics.charge_record import ChargeRecord
from bessline.analytics.charges import COMPARABLE, Charge
from bessline.analytics.saturation import CellLayout, EndOfCharge, median
from bessline.analytics.slopes import LEVEL, Slopes, robust_slopes
from bessline.sources.base import Float64, Int64

WORST = 5
#: So much has to be seen before a trend is spoken of.
LEAST_CHARGES, LEAST_DAYS = 8, 10.0
#: A voltage of a cell comes in millivolts; the median of a window resolves a tenth of that.
RESOLUTION_V = 1e-4
_LEAST_SPREAD_V = 1e-3
#: The very end of a charge is known to half a tick, and in the knee a trend differs by so much of itself there: where
#: the truth is known, slopes over eight months came out up to 7 % too small.
_PLACE = 0.12
_RECENT_ROWS = 9
_CENSORED_SHARE = 0.5
_YEAR_MS, _DAY_MS = 365.25 * 86_400_000, 86_400_000.0


class CellTrends(NamedTuple):
    """`deviation` float64[cells] of late from the pack (V), the `slopes` of it and of the `level` (V a year)."""

    deviation: Float64
    slopes: Slopes
    level: Slopes


class Ageing:
    """Gathers ends of charge of the cells of `layout` and tells their trends."""

    def __init__(self, layout: CellLayout) -> None:
        self._layout = layout
        self._begin()

    def _begin(self) -> None:
        self._record = ChargeRecord()
        self._highest: Int64 = np.zeros(len(self._layout.names), np.int64)
        self._reference_a = math.nan

    def take(self, charge: Charge, end: EndOfCharge) -> bool:
        """One end of charge; those at another current than the earlier ones begin a new record."""
        low, high = (share * self._reference_a for share in COMPARABLE)
        if charge.reference_a < low or charge.reference_a > high:
            self._begin()
        self._reference_a = charge.reference_a
        if np.isnan(end.voltage).all():
            return False
        self._highest[int(np.nanargmax(end.voltage))] += 1
        level = median((end.deviation + end.level[self._layout.pack])[None, :], axis=1)
        self._record.add(charge.end_ms, deviation=end.deviation, level=level, packs=end.level)
        return True

    @property
    def suffices(self) -> bool:
        """Whether trends can be told."""
        return self._record.charges >= LEAST_CHARGES and self._days >= LEAST_DAYS

    @property
    def _days(self) -> float:
        t_ms = self._record.t_ms
        return float(t_ms[-1] - t_ms[0]) / _DAY_MS if len(t_ms) else 0.0

    def trends(self) -> CellTrends | None:
        """Where the cells stand and how they move; the slopes are NaN before they can be told. None before a charge."""
        if not len(self._record):
            return None
        late = median(self._record.column("deviation", newest=_RECENT_ROWS), axis=0)
        if not self.suffices:
            nothing = Slopes(*(np.full(len(late), np.nan),) * 3)
            return CellTrends(late, nothing, Slopes(*(np.full(1, np.nan),) * 3))
        slopes, level = self._slopes("deviation"), self._slopes("level")
        return CellTrends(late, self._against_packs(slopes), level)

    def _against_packs(self, slopes: Slopes) -> Slopes:
        """The median cell of a pack is another one now and then, and need not move as its pack's median does."""
        slope = slopes.slope - self._layout.pack_median(slopes.slope[None, :])[0][self._layout.pack]
        half = np.hypot(slopes.upper - slopes.slope, _PLACE * np.abs(slope))
        return Slopes(slope, slope - half, slope + half)

    def _slopes(self, name: str) -> Slopes:
        years = (self._record.t_ms - self._record.t_ms.mean()) / _YEAR_MS
        return robust_slopes(years, self._record.column(name), weight=self._record.count, floor=RESOLUTION_V)

    def summary(self) -> dict[str, Any]:
        """The cells' part of the contract's `degradation` object."""
        trends = self.trends()
        level = None if trends is None else trends.level
        slope = {name: _number(getattr(level, part)[0]) if level else None for name, part in _LEVEL_PARTS.items()}
        return {
            "cells": len(self._layout.names),
            "slope_v_per_year": slope,
            "worst": [] if trends is None else self._worst(trends),
            "evidence": self._evidence(trends),
        }

    def _worst(self, trends: CellTrends) -> list[dict[str, Any]]:
        score = badness(trends)
        order = [int(n) for n in np.argsort(-score, kind="stable")[:WORST] if score[n] > -np.inf]
        return [
            {
                "cell": self._layout.names[n],
                "slope": _number(trends.slopes.slope[n]),
                "lower": _number(trends.slopes.lower[n]),
                "upper": _number(trends.slopes.upper[n]),
                "rank": rank,
            }
            for rank, n in enumerate(order, 1)
        ]

    def _evidence(self, trends: CellTrends | None) -> str:
        if not self._layout.names:
            return "The device has no single cells, so nothing can be said of them."
        charges, days = self._record.charges, self._days
        if trends is None:
            return "No charge reached the top with its end seen yet: the cells are compared there alone."
        said = f"Rests on {_counted(charges, 'charge')} over {_counted(round(days), 'day')}"
        if not self.suffices:
            said += (
                f"; a trend needs {LEAST_CHARGES} over {LEAST_DAYS:.0f} days, the worst are ranked by where they stand."
            )
        else:
            said += (
                f", intervals hold {LEVEL:.0%}; slope_v_per_year is that of the median cell's end-of-charge voltage, "
                "those of the worst are against their pack's median; one that falls may be imbalance, not ageing."
            )
        return f"{said}{self._farthest(trends)}{self._censored()}"

    def _farthest(self, trends: CellTrends) -> str:
        if np.isnan(trends.deviation).all():
            return ""
        n = int(np.nanargmax(np.abs(trends.deviation)))
        volts = float(trends.deviation[n])
        return (
            f" {self._layout.names[n]} stands {abs(volts) * 1000:.0f} mV {'above' if volts > 0 else 'under'} its pack."
        )

    def _censored(self) -> str:
        n = int(np.argmax(self._highest))
        share = self._highest[n] / max(int(self._highest.sum()), 1)
        if share < _CENSORED_SHARE:
            return ""
        name = self._layout.names[n]
        return f" {name} is the highest in {share:.0%} of them and so stops the charge: its own trend is censored."


_LEVEL_PARTS = {"median": "slope", "lower": "lower", "upper": "upper"}


def badness(trends: CellTrends) -> Float64:
    """How much each cell differs, float64[cells]: by where it stands or by how surely it moves, whichever is more.

    Both are counted in robust spreads of all cells, so that either can be compared. -inf where nothing is known.
    """
    away = np.abs(trends.deviation)
    spread = max(1.4826 * _middle(away), _LEAST_SPREAD_V)
    slope = trends.slopes.slope
    sure = np.where(slope > 0, trends.slopes.lower, -trends.slopes.upper)
    pace = max(1.4826 * _middle(np.abs(slope - _middle(slope))), _LEAST_SPREAD_V)
    return np.fmax(np.fmax(away / spread, sure / pace), -np.inf)


def _middle(values: Float64) -> float:
    middle = float(median(values[None, :], axis=1)[0])
    return middle if math.isfinite(middle) else 0.0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _number(value: float) -> float | None:
    return round(float(value), 7) + 0.0 if math.isfinite(value) else None
