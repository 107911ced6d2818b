"""A server of the tiny plant, for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.api.client import Client, served_copy


@pytest.fixture(scope="session")
def server(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Ready, on a store of its own."""
    with served_copy(tiny_store, tmp_path_factory.mktemp("served")) as client:
        yield client
