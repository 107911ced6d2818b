"""Sorted runs: any order in, one sorted file out, the last row of a stamp wins, nothing is lost uncounted."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.sources.base import Float64, Int64, SignalId
from bessline.store import runs
from bessline.store.columns import ColumnFile
from bessline.store.pyramid import fold
from bessline.store.pyramid_file import PyramidFile
from bessline.store.row_group_cache import ROW_GROUP, RowGroupCache
from bessline.store.runs import RunWriter, merge_runs, pyramid_path
from unit_tests.bessline.store.test_pyramid import as_rows

SOC = SignalId("b1", "bms", "soc")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([1.0, 2.0, np.nan])), min_size=1), st.integers(1, 9))
def test_rows_in_any_order_become_one_sorted_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, float]], block: int
) -> None:
    """The file holds the last value given for each stamp; kept, duplicate and superseded rows add up to all."""
    folder, lost = tmp_path_factory.mktemp("runs"), [0]
    writer = RunWriter(SOC, folder, stem="soc", superseded=lambda t, _: lost.append(len(t)))
    t_ms, value = np.array([t for t, _ in rows]), np.array([v for _, v in rows])
    for start in range(0, len(rows), block):
        writer.append(t_ms[start : start + block], value[start : start + block])
    entry = writer.close()
    kept_t, kept_v = ColumnFile(Path(entry.file), RowGroupCache()).between(-1, 100)
    expected = dict(rows)
    np.testing.assert_array_equal(kept_t, sorted(expected))
    np.testing.assert_array_equal(kept_v, [expected[t] for t in sorted(expected)])
    assert entry.rows + writer.duplicates + writer.conflicts == len(rows)
    assert sum(lost) == writer.conflicts
    assert {str(path) for path in folder.iterdir()} == set(entry.files)
    pyramid = PyramidFile(pyramid_path(Path(entry.file)), RowGroupCache()).between("1d", -1, 100)
    assert as_rows(pyramid) == as_rows(fold(kept_t, kept_v, level="1d"))


def test_a_merge_never_holds_more_than_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three interleaved runs of 200,000 rows merge in windows of bounded size, later runs winning."""
    paths = []
    for run in range(3):
        writer = RunWriter(SOC, tmp_path, stem=f"run{run}", superseded=lambda *_: None)
        writer.append(np.arange(200_000) * 10 + run * (run < 2), np.full(200_000, float(run)))
        paths.append(Path(writer.close().file))
    seen: list[int] = []
    windows = runs.windows

    def watched(files: list[Path]) -> list[tuple[Int64, Float64]]:
        found = list(windows(files))
        seen.extend(len(t) for t, _ in found)
        return found

    monkeypatch.setattr(runs, "windows", watched)
    entry, duplicates, conflicts = merge_runs(SOC, paths, tmp_path / "all.parquet", superseded=lambda *_: None)
    _, value = ColumnFile(tmp_path / "all.parquet", RowGroupCache()).between(0, 5)
    assert (entry.rows, duplicates, conflicts) == (400_000, 0, 200_000)
    assert value.tolist() == [2.0, 1.0]
    assert max(seen) <= (16 + 3) * ROW_GROUP
    assert len(seen) > 1


def test_a_failing_merge_leaves_no_file(tmp_path: Path) -> None:
    """An error in the middle leaves neither the target nor a temporary file."""
    writer = RunWriter(SOC, tmp_path, stem="a", superseded=lambda *_: None)
    writer.append(np.arange(5), np.arange(5.0))
    run = Path(writer.close().file)

    def refuse(t_ms: Int64, value: Float64) -> None:
        raise OSError(28, "No space left on device")

    other = RunWriter(SOC, tmp_path, stem="b", superseded=lambda *_: None)
    other.append(np.arange(5), np.ones(5))
    with pytest.raises(OSError, match="No space"):
        merge_runs(SOC, [run, Path(other.close().file)], tmp_path / "c.parquet", superseded=refuse)
    rows = [path.name for path in tmp_path.iterdir() if ".pyramid." not in path.name]
    assert sorted(rows) == ["a-0.parquet", "b-0.parquet"]
    assert len(list(tmp_path.iterdir())) == 4
