"""Devices written anew beside a server: only what is worth it, and nothing while an ingest is at work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bessline.errors import StoreLocked
from bessline.store import ingest
from bessline.store.lock import writing
from bessline.store.manifest_file import read_manifest
from bessline.store.retention import DAY_MS, parse_keeping
from bessline.store.rewrite import drop_old
from bessline.store.verify import verify
from unit_tests.plants import MAY_1, signal_job, source_of

KEEPING = parse_keeping(["raw=40d"])


def take_in(folder: Path, days: int) -> Path:
    """A store of so many days of an hour each; called again it has grown."""
    t_s = np.arange(0, days * 86_400, 3600)
    job = signal_job(folder / "raw", "b1/bms.soc", t_s, (t_s % 97).astype(np.float64))
    ingest([source_of(folder / "raw", job)], folder / "store", workers=0)
    return folder / "store"


def kept_from(store: Path) -> dict[str, int]:
    return read_manifest(store).devices["b1"].signals["bms.soc"].kept_from


def test_files_are_written_anew_when_it_is_worth_it(tmp_path: Path) -> None:
    """Of forty days two more may be kept; then all that is older goes at once."""
    store = take_in(tmp_path, 43)
    assert (drop_old(store, KEEPING), kept_from(store)) == (0, {})
    take_in(tmp_path, 45)
    assert (drop_old(store, KEEPING), kept_from(store)) == (1, {"raw": MAY_1 + 4 * DAY_MS})
    take_in(tmp_path, 46)
    assert (drop_old(store, KEEPING), kept_from(store)) == (0, {"raw": MAY_1 + 4 * DAY_MS})
    take_in(tmp_path, 50)
    assert (drop_old(store, KEEPING), kept_from(store)) == (1, {"raw": MAY_1 + 9 * DAY_MS})
    assert verify(store).damages == []


def test_an_ingest_at_work_comes_first(tmp_path: Path) -> None:
    store = take_in(tmp_path, 50)
    with writing(store), pytest.raises(StoreLocked):
        drop_old(store, KEEPING)
    assert kept_from(store) == {}
