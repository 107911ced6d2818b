"""``python -m bessline`` is ``python main.py``, from wherever it is started."""

import os
import subprocess
import sys
from pathlib import Path

from bessline import __version__

ROOT = Path(__file__).resolve().parents[2]


def test_the_module_starts_the_shell(tmp_path: Path) -> None:
    """From another folder, with the clone on the path."""
    command = [sys.executable, "-m", "bessline", "version"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == __version__
