"""The tail of a device: what is known of a device while its newest rows are in memory."""

import numpy as np
import pytest

from bessline.sources.base import Int64
from bessline.store import topic_tail
from bessline.store.columns import ColumnFile
from bessline.store.overlay import Mask
from bessline.store.tail import YOUNG_ROWS, DeviceTail
from unit_tests.batches import batch_of
from unit_tests.plants import MAY_1


def no_file(name: str) -> ColumnFile:
    raise AssertionError(f"{name} was asked for, and there are no files")


def test_the_period_of_a_new_signal_is_found_out_as_its_rows_come() -> None:
    """A lone row says nothing; two say how far apart; after enough rows it stays."""
    tail = DeviceTail(None, no_file)
    periods = []
    for n in range(2 * YOUNG_ROWS):
        t_s = n * 10 if n < YOUNG_ROWS else YOUNG_ROWS * 10 + n
        tail.add(batch_of("b1", "bms", [(t_s, {"soc": 1.0})]))
        periods.append(tail.view.entry.topics["bms"].period_s)
    assert periods[0] == 60
    assert set(periods[1:]) == {10}


def test_the_device_says_what_it_has() -> None:
    """Span, rows and fields, with the first row; cells are kept without being a reading."""
    tail = DeviceTail(None, no_file)
    tail.add(batch_of("b1", "cells", [(0, {"p1_v1": 3.3})]))
    assert tail.view.entry.topics == {}
    tail.add(batch_of("b1", "bms", [(5, {"soc": 1.0}), (7, {"soc": None})]))
    entry = tail.view.entry
    assert list(entry.topics) == ["bms", "bess"]
    assert (entry.topics["bms"].rows, entry.topics["bms"].end_ms) == (1, MAY_1 + 5000)
    signal = entry.signals["bms.soc"]
    assert (signal.rows, signal.markers, signal.end_ms, entry.live) == (2, 1, MAY_1 + 7000, True)


def test_the_zone_of_the_first_that_names_one_is_kept() -> None:
    """Later ones do not move its days."""
    tail = DeviceTail(None, no_file)
    for zone in (None, "Europe/Berlin", "Asia/Shanghai"):
        batch = batch_of("b1", "bms", [(0, {"soc": 1.0})])
        tail.add(type(batch)("b1", "bms", batch.signals, 1, timezone=zone))
    assert tail.view.entry.timezone == "Europe/Berlin"


def test_a_row_costs_the_same_after_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a new row can change is looked at again, not the whole tail."""
    tail = DeviceTail(None, no_file)
    tail.add(batch_of("b1", "bms", [(n, {"soc": 1.0}) for n in range(2000)]))
    looked: list[int] = []

    def any_value(held: object, window: Int64) -> Mask:
        looked.append(len(window))
        return np.ones(len(window), bool)

    monkeypatch.setattr(topic_tail, "any_value", any_value)
    tail.add(batch_of("b1", "bms", [(2000, {"soc": 2.0})]))
    assert max(looked) <= 4
    assert tail.view.entry.topics["bms"].rows == 2001
