"""The first step of the analyst's process. That it goes on to analyse is the story of `test_keeper`."""

from __future__ import annotations

import subprocess
import sys

from unit_tests.served import ROOT

HEAVY = ("scipy", "sklearn", "bessline.analytics.methods")


def test_who_starts_it_imports_no_method() -> None:
    """A server is ready before scipy is read from disk."""
    program = f"import sys, bessline.analyst.keeper; print([n for n in {HEAVY!r} if n in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
