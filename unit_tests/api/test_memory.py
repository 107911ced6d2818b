"""Memory: a server reads through the allocator whose cost is steady."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from api.settings import Settings
from unit_tests.api.client import served


@pytest.fixture
def another_pool() -> Iterator[None]:
    """Another allocator than the system's, until the test is over."""
    before = pa.default_memory_pool()
    others = [name for name in pa.supported_memory_backends() if name != "system"]
    if not others:
        pytest.skip("this build of Arrow has the system's allocator alone")
    pa.set_memory_pool(getattr(pa, f"{others[0]}_memory_pool")())
    yield
    pa.set_memory_pool(before)


@pytest.mark.usefixtures("another_pool")
def test_a_server_takes_memory_from_the_system(tmp_path: Path) -> None:
    """Whatever it is started by, and whether it has something to serve or not."""
    with served(Settings(store=tmp_path / "none")):
        assert pa.default_memory_pool().backend_name == "system"
