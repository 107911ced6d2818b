"""``python -m bessline``: puts the shell's folder on the path and starts it."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def start() -> None:
    """Run ``main.py``, which stands beside this package in the clone."""
    shell = Path(__file__).resolve().parent.parent
    sys.path.insert(0, str(shell))
    runpy.run_path(str(shell / "main.py"), run_name="__main__")


if __name__ == "__main__":
    start()
