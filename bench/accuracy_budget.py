"""False alarms observed over wanted, on what is not labelled as odd of real series. Nothing steers the rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.accuracy_forecast import meters
from bench.labelled import LEARNING, WEEK_MS, labelled
from bench.real_series import DATA, household, solar_household
from bessline.analytics import Reading, Subject
from bessline.analytics.anomaly import AnomalyScore
from bessline.sources.base import Float64, Int64

WANTED = (0.5, 1.0, 5.0)
#: A series counts for a rate at which it should have given so many.
LEAST_EXPECTED = 20.0


@dataclass(frozen=True, slots=True)
class Calm:
    """Signals of one device; `odd` stretches, both ends included, are not counted."""

    name: str
    t_ms: Int64
    value: Float64
    odd: Sequence[tuple[int, int]] = ()


def main(folder: Path) -> None:
    """Print the table; it needs no scratch folder."""
    del folder
    print(f"  {'observed / wanted':<28}{'weeks':>8}" + "".join(f"{f'{rate:g} a week':>22}" for rate in WANTED))
    ratios, seen, due = [], 0, 0.0
    for calm in series():
        observed, weeks = count(calm)
        cells = []
        for rate in WANTED:
            expected = rate * weeks
            if expected >= LEAST_EXPECTED:
                ratios.append(observed[rate] / expected)
                seen, due = seen + observed[rate], due + expected
            counted = "" if expected >= LEAST_EXPECTED else " (few)"
            cells.append(f"{observed[rate]} / {expected:.0f} = {observed[rate] / expected:.2f}{counted}")
        print(f"  {calm.name:<28}{weeks:8.1f}" + "".join(f"{cell:>22}" for cell in cells))
    inside = sum(0.5 <= ratio <= 2 for ratio in ratios)
    span = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"  {inside} of {len(ratios)} within a factor of 2 ({span}), pooled {seen / due:.2f}")


def series() -> Iterator[Calm]:
    """Real series, each a device of its own; the household's meter is one of several signals."""
    for meter in meters():
        hours = (meter.first + np.arange(len(meter.value))) * 3_600_000
        yield Calm(f"{meter.name} (hourly)", hours, meter.value[:, None])
    yield Calm("household, 5 signals (hourly)", *household(DATA))
    yield Calm("solar household (30 min)", *solar_household(DATA))
    for one in labelled():
        yield Calm(f"{one.name[:20]} outside", one.t_ms, one.value[:, None], one.windows)


def count(calm: Calm) -> tuple[dict[float, int], float]:
    """Alarms for each wanted rate, and weeks, after 15 % of learning.

    The scores are worked out once; each budget judges them with a threshold of its own.
    """
    period_s = float(np.median(np.diff(calm.t_ms))) / 1000
    subject = Subject("d", tuple(f"unclassified.s{n}" for n in range(calm.value.shape[1])), period_s)
    first, *others = (AnomalyScore(subject, false_alarms_per_week=rate) for rate in WANTED)
    begin = int(calm.t_ms[int(LEARNING * len(calm.t_ms))])
    observed = dict.fromkeys(WANTED, 0)
    for t_ms, row in zip(calm.t_ms.tolist(), calm.value, strict=True):
        told = [first.update(Reading(t_ms, row)), *(other.judge_like(first, t_ms) for other in others)]
        if t_ms >= begin and not any(start <= t_ms <= end for start, end in calm.odd):
            for rate, events in zip(WANTED, told, strict=True):
                observed[rate] += len(events)
    hidden = sum(max(0, end - max(start, begin)) for start, end in calm.odd)
    return observed, (int(calm.t_ms[-1]) - begin - hidden) / WEEK_MS
