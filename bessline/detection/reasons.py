"""Why a row stands out: which of its values, how far from the usual, and whether only together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bessline.detection.forest import Halves
from bessline.detection.table import Table
from bessline.sources.base import Float64, Int64

#: So many features are named for a row, and those that stand so many robust spreads away are called far.
MOST_NAMED, FAR = 3, 3.5
#: To put each value of a row to the middle and ask again costs a scoring each; so many are spent.
_MOST_ASKED = 40_000


class Usual:
    """What is usual in a table: `middle` and robust `spread`, float64[features]."""

    def __init__(self, values: Float64) -> None:
        with np.errstate(invalid="ignore"):
            self.middle = np.asarray(np.nanmedian(values, axis=0), np.float64)
            spread = 1.4826 * np.asarray(np.nanmedian(np.abs(values - self.middle), axis=0))
            # where more than half are alike, the mean tells how far the others are
            mean = np.asarray(np.nanmean(np.abs(values - self.middle), axis=0))
        self.spread = np.where(spread > 0, spread, np.where(mean > 0, mean, 1.0))

    def away(self, rows: Float64) -> Float64:
        """How many spreads each value is from the middle, signed; 0 where it is missing."""
        return np.asarray(np.nan_to_num((rows - self.middle) / self.spread), np.float64)


def blame(halves: Halves, values: Float64, rows: Int64, *, usual: Usual) -> Float64:
    """By how much the score of each of `rows` falls when one value of it is the usual one: float64[rows, features].

    Where that would cost too much, the distance from the usual stands for it, far below any fall.
    """
    features = values.shape[1]
    told = 1e-6 * np.abs(usual.away(values[rows])).clip(max=1000.0)
    asked = rows[: _MOST_ASKED // max(features, 1)]
    if not len(asked):
        return told
    changed = np.repeat(values[asked][:, None, :], features, axis=1)
    changed[:, np.arange(features), np.arange(features)] = usual.middle
    flat, half = halves.scaled(changed.reshape(-1, features)), np.repeat(halves.half[asked], features)
    scores = np.empty(len(flat))
    for which in (0, 1):
        scores[half == which] = halves.of(flat[half == which], half=which)
    told[: len(asked)] += np.maximum(halves.scores[asked][:, None] - scores.reshape(-1, features), 0.0)
    return told


def named(row: Float64, blamed: Float64, *, features: Sequence[str], usual: Usual) -> list[dict[str, Any]]:
    """The features of one row that are to blame, the most first."""
    away = usual.away(row[None, :])[0]
    order = [int(n) for n in np.argsort(-blamed, kind="stable") if blamed[n] > 0.1 * blamed.max() and row[n] == row[n]]
    return [
        {
            "feature": features[n],
            "value": float(row[n]),
            "expected": _number(usual.middle[n]),
            "deviation": round(float(away[n]), 2),
            "share": round(float(blamed[n] / blamed.sum()), 3),
        }
        for n in order[:MOST_NAMED]
    ]


def sentence(found: Sequence[dict[str, Any]], missing: Sequence[str]) -> str:
    """The same in words, with what the row lacks."""
    lacking = f"; no value of {', '.join(missing[:MOST_NAMED])}" if missing else ""
    if not found:
        return f"an unusual combination of values{lacking}"
    far = [each for each in found if abs(each["deviation"]) >= FAR]
    parts = [
        f"{each['feature']} {each['value']:g} (usually {each['expected']:g}, {abs(each['deviation']):.1f} spreads "
        f"{'above' if each['deviation'] > 0 else 'under'})"
        for each in far or found
    ]
    rare = "seldom, though not far out: " if len(found) == 1 else "none of them far alone, but together: "
    return ("" if far else rare) + ", ".join(parts) + lacking


def beyond(table: Table, thresholds: dict[str, tuple[float | None, float | None]]) -> dict[int, list[str]]:
    """Sentences for the rows that are beyond a threshold of the client's own, by row."""
    told: dict[int, list[str]] = {}
    for name, (low, high) in thresholds.items():
        column = table.values[:, table.features.index(name)]
        for limit, bad, word in ((low, column < (low or 0), "under"), (high, column > (high or 0), "above")):
            if limit is None:
                continue
            for n in np.flatnonzero(bad).tolist():
                told.setdefault(n, []).append(f"{name} {column[n]:g} is {word} the threshold {limit:g}")
    return told


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
