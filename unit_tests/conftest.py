"""What every test may ask for: a small plant, a store of it, and the measured data where they are."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bessline.demo.make import write_plant
from bessline.demo.plant import standard_plant
from bessline.managers import Managers
from bessline.sources import open_source
from bessline.store import Store, ingest
from unit_tests.api.client import Client, served_copy

ROOT = Path(__file__).resolve().parent.parent

# A shell's background job ignores Ctrl+C, and so would every process that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
# How fast a busy machine is says nothing about whether a property holds.
settings.register_profile("bessline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bessline")


@pytest.fixture(scope="session")
def tiny_plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw exports of a day of two units (one pack of four cells) and two meters, without faults."""
    folder = tmp_path_factory.mktemp("plant") / "plant"
    folder.mkdir()
    write_plant(folder, standard_plant(days=1, devices=2, seed=1, packs=1, per_pack=4), faults=())
    return folder


@pytest.fixture(scope="session")
def tiny_store(tiny_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the tiny plant. Shared by the session: copy it before changing anything."""
    folder = tmp_path_factory.mktemp("store") / "store"
    report = ingest([open_source(tiny_plant)], folder, workers=0)
    assert report.refused == []
    return folder


@pytest.fixture(scope="session")
def tiny_managers(tiny_store: Path) -> Managers:
    """The managers of the tiny store."""
    return Managers(Store.open(tiny_store))


@pytest.fixture(scope="session")
def server(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server of the tiny plant in this process: ready, on a store of its own."""
    with served_copy(tiny_store, tmp_path_factory.mktemp("served")) as client:
        yield client


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured data, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("BESSLINE_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no measured data at {folder}; set BESSLINE_SHARED")
    return folder
