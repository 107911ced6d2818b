"""What the anomaly score of 300 signals costs: values a second on one core, the tail of a tick, memory."""

from __future__ import annotations

import os
import pickle
import statistics
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
from river.anomaly import HalfSpaceTrees

from bench.figures import percentile
from bessline.analytics import Reading, Subject
from bessline.analytics.anomaly import AnomalyScore
from bessline.sources.base import Float64

SIGNALS, PERIOD_S = 300, 30
TICKS = int(os.environ.get("BESSLINE_BENCH_TICKS", "100000"))
CHUNK, DAY_TICKS = 500, 86_400 // PERIOD_S
PEER_ROWS = 300


def main(folder: Path) -> None:
    """Print the figures; it needs no scratch folder."""
    del folder
    values = plant()
    score = AnomalyScore(Subject("bess1", tuple(f"unclassified.s{n}" for n in range(SIGNALS)), float(PERIOD_S)))
    rates, walls, sizes = [], [], []
    for start in range(0, TICKS, CHUNK):
        readings = [Reading((start + n) * PERIOD_S * 1000, values[(start + n) % len(values)]) for n in range(CHUNK)]
        began = time.process_time()
        marks = [time.perf_counter()]
        for reading in readings:
            score.update(reading)
            marks.append(time.perf_counter())
        rates.append(CHUNK * SIGNALS / (time.process_time() - began))
        walls += np.diff(marks).tolist()
        if start % (TICKS // 10) == 0:
            sizes.append(len(pickle.dumps(score)))
    settled = walls[len(walls) // 10 :]
    print(
        f"  {SIGNALS} signals, {len(score.panels[0].detectors)} detectors, calibration and combination, {TICKS:,} ticks"
    )
    median, best = statistics.median(rates) / 1e6, max(rates) / 1e6
    print(f"  {median:.2f} M values/s of one core's time (median of stretches of {CHUNK} ticks; best {best:.2f})")
    tail = "  ".join(f"p{share:g} {percentile(settled, share / 100) * 1e6:.0f} us" for share in (50, 90, 99, 99.9))
    print(f"  a tick of {SIGNALS}: {tail} of wall time")
    print(f"  state after each tenth: {', '.join(f'{size / 1e6:.3f}' for size in sizes)} MB")
    print(f"  held memory over the last {CHUNK} ticks: {_growth(score, values):+.1f} kB")
    _peer(values)


def plant() -> Float64:
    """float64[ticks of a day, signals]: a daily wave each, noise, and one decimal."""
    random, tick = np.random.default_rng(1), np.arange(DAY_TICKS)[:, None]
    wave = np.sin((tick / DAY_TICKS + random.random(SIGNALS)) * 2 * np.pi) * random.uniform(1, 50, SIGNALS)
    return np.round(wave + random.normal(0, 1, (DAY_TICKS, SIGNALS)), 1)


def _growth(score: AnomalyScore, values: Float64) -> float:
    """What further ticks add to the memory that Python holds, in kB."""
    readings = [Reading((TICKS + n) * PERIOD_S * 1000, values[n]) for n in range(2 * CHUNK)]
    tracemalloc.start()
    for reading in readings[:CHUNK]:
        score.update(reading)
    before, _ = tracemalloc.get_traced_memory()
    for reading in readings[CHUNK:]:
        score.update(reading)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1000


def _peer(values: Float64) -> None:
    """river's half-space trees alone, one object a signal."""
    trees: Any = HalfSpaceTrees(seed=1)
    rows = [{0: float(value)} for value in values[:PEER_ROWS, 0]]
    began = time.process_time()
    for row in rows:
        trees.score_one(row)
        trees.learn_one(row)
    rate = len(rows) / (time.process_time() - began) / 1e6
    print(f"  river HalfSpaceTrees alone, an object a signal: {rate:.3f} M values/s")
