"""Late loading: names are there as ever, and nothing is loaded before."""

import subprocess
import sys

import pytest

import bessline.store
from bessline.later import homes


def test_a_name_is_what_its_home_says() -> None:
    """The package shows it as if it had imported it."""
    assert homes("email", {"Parser": "parser"})("Parser").__name__ == "Parser"
    assert all(hasattr(bessline.store, name) for name in bessline.store.__all__)


def test_an_unknown_name_is_named() -> None:
    """As any module would say it."""
    with pytest.raises(AttributeError, match="'email' has no attribute 'Nothing'"):
        homes("email", {})("Nothing")


def test_what_a_worker_needs_loads_little() -> None:
    """To read a plain signal file, to merge, and to write timelines; each would cost every worker its start."""
    program = (
        "import sys, bessline.store.staging, bessline.store.merge, bessline.store.timeline, bessline.store.workers, "
        "bessline.sources.signal_file; "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"polars", "pandas", "scipy", "yaml", "pydantic", "email.message"}.isdisjoint(loaded)
    assert "pyarrow" in loaded
