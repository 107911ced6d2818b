"""Workers: spawned, niced, and gone with their parent."""

import os
import subprocess
import sys
import textwrap
from contextlib import nullcontext
from pathlib import Path

import pytest

from bessline.sources.base import SignalId, Source
from bessline.sources.csv_table import Zone
from bessline.sources.signal_file import SignalFileJob
from bessline.sources.units import Scaling
from bessline.store import ingest, intake
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


def test_a_worker_has_one_core_and_its_parent_all_of_them() -> None:
    """Threads for linear algebra are begun by nobody who has none to do."""
    with executor(1) as pool:
        assert pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
    assert os.getenv("OPENBLAS_NUM_THREADS") is None


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


def test_work_of_an_ingest_loads_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these would cost every worker some tenths of its start; timelines and a file that grew included."""
    path = tmp_path / "bms1_soc.csv"
    job = SignalFileJob(path, (SignalId("b1", "bms", "soc"),), Zone("Europe/Berlin"), Scaling())
    source = Source(tmp_path, "x", "Europe/Berlin", False, (job,))
    lines = [f"2024-05-01 {n // 60:02}:{n % 60:02}:00,{n % 100}\n" for n in range(600)]
    with executor(1) as pool:
        monkeypatch.setattr(intake, "executor", lambda _: nullcontext(pool))
        for count, taken in ((500, 500), (600, 100)):
            path.write_text("ts,bms1_soc\n" + "".join(lines[:count]))
            assert ingest([source], tmp_path / "s").rows == taken
        loaded = set(pool.submit(eval, "list(__import__('sys').modules)").result())
    assert {"bessline.store.staging", "bessline.store.merge", "bessline.store.timeline"} <= loaded
    assert {"pandas", "polars", "pydantic"}.isdisjoint(loaded)
