"""Medians, percentiles and ratios, printed alike by every benchmark."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def timed_ms(call: Callable[[], object]) -> float:
    """How long one call takes, in milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def interleaved(calls: dict[str, Callable[[], object]], *, rounds: int = 30) -> dict[str, list[float]]:
    """Times (ms) of each call, taken in turn, so that a drifting machine treats them alike. One warm-up round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(rounds + 1):
        for name, call in calls.items():
            taken = timed_ms(call)
            if round_:
                times[name].append(taken)
    return times


def percentile(times: Sequence[float], share: float) -> float:
    """The `share` quantile (0..1), the nearest rank."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def show(times: dict[str, list[float]], *, against: str) -> None:
    """Print p50 and p99 of each, and its median over that of `against`."""
    base = statistics.median(times[against])
    for name, taken in times.items():
        p50 = statistics.median(taken)
        print(f"  {name:<34} p50 {p50:9.2f} ms  p99 {percentile(taken, 0.99):9.2f} ms  ratio {p50 / base:8.2f}")
