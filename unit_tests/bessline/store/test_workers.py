"""Workers: spawned, niced, and gone with their parent."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bessline.store.workers import InlineExecutor, executor


def test_inline_hands_over_results_and_errors() -> None:
    """The executor for no workers behaves as a pool would."""
    with InlineExecutor() as pool:
        assert pool.submit(sum, [1, 2]).result() == 3
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()
    assert isinstance(executor(0), InlineExecutor)


def test_workers_yield_to_the_server() -> None:
    """A worker is another process and runs at lower priority than its parent."""
    with executor(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(os.nice, 0).result() == os.nice(0) + 10


def test_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    """After kill -9 of the parent its worker ends by itself, which closes the pipe it holds."""
    program = textwrap.dedent("""
        import os, sys
        from bessline.store.workers import executor
        if __name__ == "__main__":
            pool = executor(1)
            print(pool.submit(os.getpid).result(), flush=True)
            os.kill(os.getpid(), 9)
    """)
    (tmp_path / "parent.py").write_text(program)
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, tmp_path / "parent.py"],
        env=os.environ | {"PYTHONPATH": root}, stdout=subprocess.PIPE, timeout=60, check=False,
    )  # fmt: skip
    # the worker inherited the pipe: that it was read to its end within the timeout means that the worker is gone, too
    assert done.returncode == -9
    assert int(done.stdout) > 0
