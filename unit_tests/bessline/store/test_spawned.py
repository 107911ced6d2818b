"""Processes without the main module of whoever started them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bessline.store.spawned import SPAWN
from unit_tests.served import ROOT

PROGRAM = """
    import sys
    from concurrent.futures import ProcessPoolExecutor
    from bessline.store.spawned import SPAWN

    print("main is imported")
    if __name__ == "__main__":
        with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
            print(pool.submit(abs, -7).result())
        assert sys.modules["__main__"].__file__ == sys.argv[0]
"""


def test_the_main_module_is_not_imported_again(tmp_path: Path) -> None:
    """The worker runs what it is given, and the starter keeps what it was."""
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, str(program)]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["main is imported", "7"]


def test_it_is_a_process_like_any_other() -> None:
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        assert list(pool.map(abs, [-1, 2])) == [1, 2]
