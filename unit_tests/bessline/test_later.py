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
    """To read a plain signal file: no polars, no pandas, no settings; each would be a tenth of a second a worker."""
    program = (
        "import sys, bessline.store.staging, bessline.store.commit, bessline.store.workers, "
        "bessline.sources.signal_file; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'polars', 'pandas', 'scipy', 'yaml'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
