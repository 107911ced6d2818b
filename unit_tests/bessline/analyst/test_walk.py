"""The walk: the same values as a reading has, at the stamps of the finest topic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bessline.analyst import walk as module
from bessline.analyst.walk import Walk, signals_of, subject_of, topic_of
from bessline.managers import Managers
from unit_tests.bessline.analyst.watching import store_of


def walked(managers: Managers, device_id: str) -> tuple[Walk, list[module.Window]]:
    subject = subject_of(device_id, managers.store.devices[device_id])
    assert subject is not None
    walk = Walk(managers.store, subject)
    windows: list[module.Window] = []
    while (window := walk.after(windows[-1].t_ms[-1] if windows else None)) is not None:
        windows.append(window)
    return walk, windows


def test_it_gives_every_reading_once(tiny_managers: Managers) -> None:
    """As the readings of `bess` have them, field by field."""
    walk, windows = walked(tiny_managers, "bess1")
    device = tiny_managers.store.devices["bess1"]
    rows = tiny_managers["bess"].page("bess1", limit=100_000, end_ms=(walk.last_ms() or 0) + 1)
    assert np.array_equal(np.concatenate([window.t_ms for window in windows]), rows.t_ms)
    value = np.concatenate([window.value for window in windows])
    for n, name in enumerate(signals_of(device)):
        field = name.replace(".", "_", 1)
        if field in rows.columns:
            assert np.array_equal(value[:, n], rows.columns[field], equal_nan=True), name
    assert walk.count(int(rows.t_ms[9])) == 10


def test_a_meter_walks_at_its_own_pace(tiny_managers: Managers) -> None:
    """It has no other topic. What stands beyond the newest observation does not count yet."""
    assert topic_of(tiny_managers.store.devices["m1"]) == "meter"
    walk, windows = walked(tiny_managers, "m1")
    count = tiny_managers["meter"].count("m1", end_ms=(walk.last_ms() or 0) + 1)
    assert sum(len(window.t_ms) for window in windows) == count > 0


def test_windows_are_bounded(tiny_managers: Managers) -> None:
    """However many signals there are."""
    subject = subject_of("bess1", tiny_managers.store.devices["bess1"])
    assert subject is not None
    walk = Walk(tiny_managers.store, subject)
    walk._ticks = 100
    first = walk.after(None)
    assert first is not None
    assert len(first.t_ms) == 100
    assert not first.value.flags.writeable


def test_cells_come_by_pack_and_number(tmp_path: Path) -> None:
    """The tenth after the second."""
    store = store_of(tmp_path)
    assert signals_of(store.devices["b1"]) == ("bms.soc", "cells.p1_v2", "cells.p1_v10")
