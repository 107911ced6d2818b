"""Row groups laid behind a signed file: one file of the house in the end."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.form import Form
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.row_groups import append_groups
from bessline.store.signed import open_signed
from bessline.store.stamps import MILLISECONDS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.parquet"
    writer = ColumnWriter(path, values=False)
    writer.append(np.arange(5))
    writer.close()
    return path


def stamps(*t_ms: int) -> pa.Table:
    return Form(MILLISECONDS).table(np.array(t_ms), None)


def test_what_is_laid_behind_is_read_with_the_rest(path: Path, tmp_path: Path) -> None:
    """By us, signed; and by any reader of Parquet."""
    target = tmp_path / "b.parquet"
    size = append_groups(open_signed(path), target, [stamps(7, 8), stamps(9)])
    file = ColumnFile(target, RowGroupCache())
    file.verify()
    assert (size, file.is_signed, file.starts.tolist()) == (target.stat().st_size, True, [0, 5, 7, 8])
    assert file.stamps(0, 99).tolist() == [0, 1, 2, 3, 4, 7, 8, 9]
    assert pq.read_table(target)["t"].cast(pa.int64()).to_pylist() == file.stamps(0, 99).tolist()


def test_a_failure_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """Neither the file nor a half of it."""
    with pytest.raises(ValueError, match="schema"):
        append_groups(open_signed(path), tmp_path / "b.parquet", [pa.table({"x": [1]})])
    assert [each.name for each in tmp_path.iterdir()] == ["a.parquet"]
