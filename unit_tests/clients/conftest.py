"""One quick server for the tests of one client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.served import Plant, quick_plant


@pytest.fixture(scope="module")
def plant(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with quick_plant(tiny_store, tmp_path_factory.mktemp("plant")) as running:
        yield running
