"""From a table and a wish to what is anomalous in it, and on what that rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bessline.detection.forest import AUTO_THRESHOLD, SAMPLES, TREES, Halves
from bessline.detection.reasons import Usual, beyond, blame, named, sentence
from bessline.detection.table import Table
from bessline.sources.base import Float64, Int64
from bessline.store.readings import stamps

#: Fewer rows than this have no usual to be unusual against.
LEAST_ROWS = 20
METHOD = f"isolation forest, {TREES} trees of {SAMPLES} rows, two halves each scored by the other's"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants to know.

    `contamination` is the share of rows that are called anomalous (0 < c <= 0.5), or ``auto``: those above the paper's
    line. `thresholds`: by feature the lowest and highest good value. At most `limit` anomalies are told, the highest
    scores first; `scores`: tell those of every row, too.
    """

    contamination: float | Literal["auto"] = "auto"
    thresholds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    limit: int = 1000
    scores: bool = False


def detect(table: Table, wish: Wish) -> dict[str, Any]:
    """The answer, ready for JSON but for whose rows they are. Missing stays missing; too little is said to be so."""
    ground = _Ground(table)
    scores, threshold = np.full(len(table), np.nan), None
    flagged: Int64 = np.empty(0, np.int64)
    if ground.suffices:
        halves = Halves(ground.values)
        scores[ground.rows] = halves.scores
        threshold = _threshold(halves.scores, wish.contamination)
        flagged = ground.rows[halves.scores >= threshold]
    by_limit = beyond(table, dict(wish.thresholds))
    told = _worst(np.union1d(flagged, np.array(list(by_limit), np.int64)), scores, limit=wish.limit)
    entries = {n: _entry(table, n, scores[n]) for n in told.tolist()}
    if ground.suffices:
        _explain(entries, ground, halves, flagged=set(flagged.tolist()))
    for n, reasons in by_limit.items():
        if n in entries:
            entries[n]["reason"] = "; ".join([*reasons, *([entries[n]["reason"]] if entries[n]["reason"] else [])])
    return {
        "rows": len(table),
        "scored": len(ground.rows) if ground.suffices else 0,
        "features": list(ground.features) if ground.suffices else [],
        "coverage": dict(zip(table.features, (np.floor(table.coverage * 1e4) / 1e4).tolist(), strict=True)),
        "contamination": wish.contamination,
        "threshold": None if threshold is None else round(threshold, 6),
        "anomalous": len(flagged) + len(by_limit.keys() - set(flagged.tolist())),
        "anomalies": list(entries.values()),
        "scores": _plain(scores) if wish.scores else None,
        "method": METHOD,
        "evidence": ground.evidence,
    }


class _Ground:
    """What of `table` the forests can use: features that vary, and rows that have any of them.

    `rows` int64[m] and `features` name the rows and columns of `values` float64[m, k].
    """

    def __init__(self, table: Table) -> None:
        used = np.flatnonzero(table.varying)
        self.features = tuple(table.features[n] for n in used)
        known = dict(zip(table.features, table.coverage > 0, strict=True))
        self.empty = [name for name, has_values in known.items() if not has_values]
        self.constant = [name for name in table.features if name not in (*self.features, *self.empty)]
        varying = table.values[:, used]
        self.rows: Int64 = np.flatnonzero(~np.isnan(varying).all(axis=1)) if len(used) else np.empty(0, np.int64)
        self.values: Float64 = varying[self.rows]
        self._count, self._missing = len(table), len(table) - len(self.rows)

    @property
    def suffices(self) -> bool:
        """Whether there is a usual to be unusual against."""
        return len(self.rows) >= LEAST_ROWS

    @property
    def evidence(self) -> str:
        """In a sentence, on what the scores rest or what is missing."""
        left_out = f" Never changed and so tells nothing: {_listed(self.constant)}." if self.constant else ""
        left_out += f" Without any value: {_listed(self.empty)}." if self.empty else ""
        if not self._count:
            return "Nothing can be said: there is no row."
        if not self.features:
            return f"Nothing can be said: no feature has two different values.{left_out}"
        if not self.suffices:
            return f"Nothing can be said of {len(self.rows)} rows with values; it takes {LEAST_ROWS}.{left_out}"
        without = f"; {self._missing} rows without any value are not scored" if self._missing else ""
        return f"Rests on {len(self.rows)} rows of {len(self.features)} features{without}.{left_out}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _threshold(scores: Float64, contamination: float | Literal["auto"]) -> float:
    """The score from which on a row is anomalous."""
    if contamination == "auto":
        return float(np.nextafter(AUTO_THRESHOLD, 1.0))
    count = max(1, round(contamination * len(scores)))
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])


def _worst(rows: Int64, scores: Float64, *, limit: int) -> Int64:
    """The highest scores first; rows without one, which only a threshold names, after them."""
    return rows[np.argsort(np.nan_to_num(-scores[rows], nan=1.0), kind="stable")][:limit]


def _entry(table: Table, row: int, score: float) -> dict[str, Any]:
    entry: dict[str, Any] = {"index": row}
    if table.t_ms is not None:
        entry["timestamp"] = stamps(table.t_ms[row : row + 1])[0]
    elif table.timestamps is not None:
        entry["timestamp"] = table.timestamps[row]
    return entry | {"score": None if np.isnan(score) else round(float(score), 6), "reason": "", "features": []}


def _explain(entries: dict[int, dict[str, Any]], ground: _Ground, halves: Halves, *, flagged: set[int]) -> None:
    """Say of each flagged row why, feature by feature."""
    rows = [n for n in entries if n in flagged]
    places = np.searchsorted(ground.rows, np.array(rows, np.int64))
    usual = Usual(ground.values)
    blamed = blame(halves, ground.values, places, usual=usual)
    for n, place, shares in zip(rows, places.tolist(), blamed, strict=True):
        row = ground.values[place]
        entries[n]["features"] = named(row, shares, features=ground.features, usual=usual)
        missing = [name for name, value in zip(ground.features, row.tolist(), strict=True) if value != value]
        entries[n]["reason"] = sentence(entries[n]["features"], missing)


def _plain(scores: Float64) -> list[float | None]:
    return [None if score != score else score for score in np.round(scores, 4).tolist()]
