"""Batches of live input, short enough to read in a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bessline.store.batch import Batch, Observed
from unit_tests.plants import MAY_1

Row = tuple[float, Mapping[str, float | None]]


def batch_of(device_id: str, topic: str, rows: Iterable[Row], *, whole_rows: bool = True) -> Batch:
    """Rows ``(seconds after MAY_1, {field: value})``; None is an explicit missing marker."""
    held: dict[str, list[tuple[int, float, int]]] = {}
    count = 0
    for count, (t_s, values) in enumerate(rows, 1):
        for field, value in values.items():
            number = np.nan if value is None else value
            held.setdefault(field, []).append((MAY_1 + round(t_s * 1000), number, count - 1))
    signals = {}
    for field, seen in held.items():
        t_ms, numbers, row = zip(*seen, strict=True)
        signals[field] = Observed(np.array(t_ms, np.int64), np.array(numbers, np.float64), np.array(row, np.int64))
    return Batch(device_id, topic, signals, rows=count, whole_rows=whole_rows)
