"""The pyramid's file: what was folded is read, and damage never passes for a bucket."""

from pathlib import Path

import numpy as np
import pytest

from bessline.errors import StoreDamaged
from bessline.store.pyramid import LEVELS, NO_BUCKETS, Buckets, Level, fold
from bessline.store.pyramid_file import ROW_GROUP, PyramidFile, levels_of, write_pyramid
from bessline.store.row_group_cache import RowGroupCache
from unit_tests.bessline.store.test_pyramid import as_rows

ALL = (-(2**60), 2**60)


@pytest.fixture(scope="module")
def levels() -> dict[Level, Buckets]:
    """Ninety days of a row a minute or two: more than a row group of the finest level."""
    rng = np.random.default_rng(0)
    t_ms = 1_714_500_000_000 + np.cumsum(rng.integers(60_000, 120_000, 90 * 960))
    return levels_of(fold(t_ms, np.round(rng.normal(800, 20, len(t_ms)), 1)))


@pytest.fixture(scope="module")
def path(levels: dict[Level, Buckets], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyramid") / "soc.pyramid.parquet"
    assert write_pyramid(path, levels) == path.stat().st_size
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return path


def test_every_level_reads_as_it_was_written(path: Path, levels: dict[Level, Buckets]) -> None:
    """Bit for bit, over the borders of row groups."""
    file = PyramidFile(path, RowGroupCache())
    assert len(levels["5min"]) > ROW_GROUP
    for level, written in levels.items():
        assert as_rows(file.between(level, *ALL)) == as_rows(written)


@pytest.mark.parametrize("level", LEVELS)
def test_the_buckets_of_a_range_are_those_that_touch_it(path: Path, levels: dict[Level, Buckets], level: Level) -> None:
    """A range within one bucket gives that bucket; its ends are both included."""
    file, written = PyramidFile(path, RowGroupCache()), levels[level]
    start, width_ms = int(written.t_ms[7]), LEVELS[level]
    assert file.between(level, start + 5, start + 6).t_ms.tolist() == [start]
    expected = written.t_ms[(written.t_ms >= start) & (written.t_ms <= start + 3 * width_ms)]
    assert file.between(level, start + width_ms - 1, start + 3 * width_ms).t_ms.tolist() == expected.tolist()
    assert len(file.between(level, 0, 1)) == 0


@pytest.mark.parametrize("rows", [7, 64, 500, 5000])
def test_row_groups_that_hold_several_levels_hide_nothing(
    levels: dict[Level, Buckets], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """However levels share row groups, a range gives its buckets."""
    monkeypatch.setattr("bessline.store.pyramid_file.ROW_GROUP", rows)
    few = levels_of(levels["5min"].at(slice(0, 3000)))
    write_pyramid(tmp_path / "x.parquet", few)
    file, rng = PyramidFile(tmp_path / "x.parquet", RowGroupCache()), np.random.default_rng(rows)
    for level, written in few.items():
        for low, high in np.sort(rng.choice(written.t_ms, (20, 2)), axis=1).tolist():
            inside = written.t_ms[(written.t_ms >= low) & (written.t_ms <= high)]
            assert file.between(level, low, high).t_ms.tolist() == inside.tolist()


def test_only_the_row_groups_of_the_range_are_read(path: Path, levels: dict[Level, Buckets]) -> None:
    """One that begins with coarser levels spans all of the time, and need not be looked at for its end."""
    cache = RowGroupCache()
    last = int(levels["5min"].t_ms[-1])
    assert len(PyramidFile(path, cache).between("5min", last, last)) == 1
    assert len(cache._groups) == 1


def test_damage_is_an_error_not_a_bucket(path: Path, tmp_path: Path) -> None:
    """Every flipped byte of the pages is found when its group is read."""
    good, whole = path.read_bytes(), as_rows(PyramidFile(path, RowGroupCache()).between("1h", *ALL))
    copy = tmp_path / "copy.parquet"
    for offset in np.random.default_rng(2).integers(4, len(good), 60).tolist():
        copy.write_bytes(good[:offset] + bytes([good[offset] ^ 0x20]) + good[offset + 1 :])
        try:
            found = as_rows(PyramidFile(copy, RowGroupCache()).between("1h", *ALL))
        except StoreDamaged:
            continue
        assert found == whole
    copy.write_bytes(good[:3000])
    with pytest.raises(StoreDamaged, match=r"copy\.parquet"):
        PyramidFile(copy, RowGroupCache())


def test_a_signal_without_values_has_an_empty_pyramid(tmp_path: Path) -> None:
    """Only markers: the file is there, and holds nothing."""
    write_pyramid(tmp_path / "x.parquet", levels_of(NO_BUCKETS))
    assert len(PyramidFile(tmp_path / "x.parquet", RowGroupCache()).between("1d", *ALL)) == 0


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No half file, no temporary one."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_pyramid(tmp_path / "x.parquet", levels_of(NO_BUCKETS))
    assert list(tmp_path.iterdir()) == []
