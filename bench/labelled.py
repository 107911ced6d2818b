"""Labelled real series, and what is counted on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.real_series import DATA
from bessline.sources.base import Float64, Int64

WEEK_MS, AGAIN_MS = 7 * 86_400_000, 6 * 3_600_000
#: So much of each file is for learning and not judged.
LEARNING = 0.15


@dataclass(frozen=True, slots=True)
class Labelled:
    """One signal with its labelled windows, in milliseconds since the epoch, both ends included."""

    name: str
    t_ms: Int64
    value: Float64
    windows: tuple[tuple[int, int], ...]

    @property
    def period_s(self) -> float:
        """The median step."""
        return float(np.median(np.diff(self.t_ms))) / 1000

    @property
    def judged(self) -> slice:
        """The rows that count."""
        return slice(int(LEARNING * len(self.t_ms)), None)

    def label(self) -> Float64:
        """1 within a window, 0 elsewhere; judged rows only."""
        t_ms = self.t_ms[self.judged]
        inside = [(t_ms >= start) & (t_ms <= end) for start, end in self.windows]
        return np.any(inside, axis=0).astype(np.float64) if inside else np.zeros(len(t_ms))

    def calm_weeks(self) -> float:
        """Weeks of judged time outside the windows."""
        t_ms = self.t_ms[self.judged]
        spans = sum(max(0, min(end, int(t_ms[-1])) - max(start, int(t_ms[0]))) for start, end in self.windows)
        return float(t_ms[-1] - t_ms[0] - spans) / WEEK_MS


def labelled() -> Iterator[Labelled]:
    """The files of the Numenta Anomaly Benchmark that are at hand and have windows."""
    folder = DATA / "nab"
    for name, windows in json.loads((folder / "windows.json").read_text()).items():
        if not windows:
            continue
        frame = pd.read_csv(folder / name, parse_dates=["timestamp"]).drop_duplicates("timestamp")
        frame = frame.sort_values("timestamp")
        spans = tuple((_ms(start), _ms(end)) for start, end in windows)
        t_ms = frame["timestamp"].to_numpy().astype("datetime64[ms]").astype(np.int64)
        yield Labelled(name.removesuffix(".csv"), t_ms, frame["value"].to_numpy(dtype=np.float64), spans)


def _ms(text: str) -> int:
    return int(np.datetime64(text, "ms").astype(np.int64))


def alarms(t_ms: Int64, score: Float64, threshold: float) -> list[int]:
    """When a score at or above the threshold alarms, again after six hours at the earliest."""
    times: list[int] = []
    for now in t_ms[score >= threshold].tolist():
        if not times or now - times[-1] >= AGAIN_MS:
            times.append(now)
    return times


def found(times: Sequence[int], windows: Sequence[tuple[int, int]]) -> tuple[int, list[float]]:
    """Alarms outside the windows, and for each window that was found the hours from its start."""
    false = sum(not any(start <= now <= end for start, end in windows) for now in times)
    delays = []
    for start, end in windows:
        inside = [now for now in times if start <= now <= end]
        if inside:
            delays.append((inside[0] - start) / 3_600_000)
    return false, delays


def pooled(series: Sequence[Labelled], scores: Sequence[Float64], *, per_week: float) -> tuple[int, float]:
    """Windows found at the lowest one threshold for all series that keeps to the false alarms, and those it gives."""
    weeks = sum(one.calm_weeks() for one in series)
    levels: npt.NDArray[np.float64] = np.unique(np.concatenate(scores))

    def at(threshold: float) -> tuple[int, int]:
        told = [
            found(alarms(one.t_ms[one.judged], score, threshold), one.windows)
            for one, score in zip(series, scores, strict=True)
        ]
        return sum(false for false, _ in told), sum(len(delays) for _, delays in told)

    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if at(float(levels[middle]))[0] <= per_week * weeks:
            high = middle
        else:
            low = middle + 1
    false, windows = at(float(levels[low]))
    return (windows, false / weeks) if false <= per_week * weeks else (0, 0.0)
