"""The first step of the analyst's process. That it goes on to analyse is the story of `test_keeper`."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from bessline.analyst import analyst
from bessline.analyst.begin import begin
from bessline.analyst.database import FILE
from bessline.analyst.reports import Order
from unit_tests.bessline.analyst.watching import store_of
from unit_tests.served import ROOT

HEAVY = ("scipy", "sklearn", "bessline.analytics.methods")


def test_who_starts_it_imports_no_method() -> None:
    """A server is ready before scipy is read from disk."""
    program = f"import sys, bessline.analyst.keeper; print([n for n in {HEAVY!r} if n in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("closed", ["wakes", "reports"])
def test_it_ends_quietly_when_the_server_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """Whichever of its pipes it meets first: no traceback is left in the terminal."""
    monkeypatch.setattr(analyst, "begin_worker", lambda: None)
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    store = store_of(tmp_path, rows=3)
    (theirs, wakes), (reports, out) = multiprocessing.Pipe(duplex=False), multiprocessing.Pipe(duplex=False)
    {"wakes": wakes, "reports": reports}[closed].close()
    begin(Order(store.path, store.path / FILE), theirs, out)
    for pipe in (theirs, wakes, reports, out):
        pipe.close()
