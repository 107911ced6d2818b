"""Memory: a server reads through the allocator whose cost is steady."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from api.memory import steady_pool
from api.settings import Settings
from unit_tests.api.client import Client, served


@pytest.fixture(autouse=True)
def usual_pool() -> Iterator[None]:
    """The allocator that Arrow comes with, until the test is over."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(getattr(pa, f"{pa.supported_memory_backends()[0]}_memory_pool")())
    yield
    pa.set_memory_pool(before)


def test_a_server_takes_memory_where_it_is_kept(tmp_path: Path) -> None:
    """Whatever it is started by, and whether it has something to serve or not."""
    with served(Settings(store=tmp_path / "none")):
        assert pa.default_memory_pool().backend_name in ("jemalloc", "system")


def test_a_server_has_its_memory_before_anybody_reads(server: Client) -> None:
    assert server.engine.managers is not None
    assert server.engine.managers.store._cache._arena is not None


@pytest.mark.parametrize(("there", "taken"), [(["mimalloc", "system"], "system"), (["jemalloc", "system"], "jemalloc")])
def test_what_this_build_of_arrow_has_is_taken(there: list[str], taken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if taken not in pa.supported_memory_backends():
        pytest.skip(f"this build of Arrow has no {taken}")
    monkeypatch.setattr(pa, "supported_memory_backends", lambda: there)
    steady_pool()
    assert pa.default_memory_pool().backend_name == taken
