"""Merges: later rows win, and what lost against them is written down."""

from pathlib import Path

from bessline.sources.base import SignalId
from bessline.store.columns import ColumnFile
from bessline.store.merge import Merge, run_merge
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.staging import stage
from unit_tests.plants import MAY_1, signal_job

SOC = SignalId("b1", "bms", "soc")


def test_a_merge_counts_what_came_again_and_keeps_what_lost(tmp_path: Path) -> None:
    """Of three stamps that two runs share one has another value in the later one."""
    runs: list[Path] = []
    for name, t_s, of in (("old", [0, 30, 60], [1, 2, 3]), ("new", [0, 30, 60, 90], [1, 2, 7, 4])):
        (tmp_path / name).mkdir()
        receipt = stage(signal_job(tmp_path / name, str(SOC), t_s, of), tmp_path / name)
        runs.append(Path(receipt.runs[str(SOC)].file))
    merge = Merge(SOC, tmp_path / "x.csv", tuple(runs), tmp_path / "merged.parquet", tmp_path / "lost.csv")
    entry, duplicates, conflicts = run_merge(merge)
    assert (entry.rows, duplicates, conflicts) == (4, 2, 1)
    t_ms, value = ColumnFile(merge.target, RowGroupCache(max_bytes=1)).between(0, 2**60)
    assert ((t_ms - MAY_1) // 1000).tolist() == [0, 30, 60, 90]
    assert value.tolist() == [1.0, 2.0, 7.0, 4.0]
    (_, lost) = merge.rejects.read_text().splitlines()
    assert lost.endswith("b1/bms.soc 2024-05-01T00:01:00.000Z 3.0")
