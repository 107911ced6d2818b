"""What the files of a signal lost is counted, and its days are told where they are known."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bessline.errors import StoreDamaged
from bessline.quality import losses as module
from bessline.quality.losses import losses
from bessline.sources import open_source
from bessline.store import Store, ingest
from bessline.store.repair import repair
from bessline.store.verify import verify

MAY_1, MAY_2 = date(2024, 5, 1), date(2024, 5, 2)


def stored(folder: Path, soc: str, more: str = "") -> Store:
    device = folder / "plant" / "BESS" / "b1"
    device.mkdir(parents=True)
    (device / "bms1_soc.csv").write_text("ts,bms1_soc\n" + soc)
    if more:
        (device / "bms1_soh.csv").write_text("ts,bms1_soh\n" + more)
    ingest([open_source(folder / "plant", timezone="Asia/Shanghai")], folder / "store", workers=0)
    return Store.open(folder / "store")


ROWS = """2024-05-01 00:00:00,50
2024-05-01 00:01:00,51
2024-05-01 00:01:00,51
2024-05-01 23:59:00,52
2024-05-01 23:59:00,53
2024-05-02 00:00:00,abc
2024-05-02 00:01:00,54
"""


def test_rows_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    """Days are local: 23:59 in Shanghai is the first of May."""
    store = stored(tmp_path, ROWS, more="2024-05-01 00:00:00,x\n2024-05-01 00:01:00,99\n")
    found = losses(store, "b1", "bms.soc", timezone="Asia/Shanghai")
    assert (found.duplicates, found.replaced, found.rejected, found.shared) == (1, 1, 1, 0)
    assert found.replaced_on == Counter({MAY_1: 1})
    assert found.rejected_on == Counter({MAY_2: 1})


def test_a_line_without_a_date_leaves_the_days_unknown(tmp_path: Path) -> None:
    found = losses(stored(tmp_path, ROWS + "rubbish\n"), "b1", "bms.soc", timezone="Asia/Shanghai")
    assert (found.rejected, found.rejected_on, found.replaced_on) == (2, None, Counter({MAY_1: 1}))


def test_too_many_lines_are_counted_but_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 1)
    found = losses(stored(tmp_path, ROWS), "b1", "bms.soc", timezone="Asia/Shanghai")
    assert (found.rejected, found.rejected_on, found.replaced_on) == (1, None, None)


def test_a_clean_signal_lost_nothing(tiny_store: Path) -> None:
    found = losses(Store.open(tiny_store), "m1", "meter.power_factor", timezone=None)
    assert found.rows > 0
    assert (found.duplicates, found.replaced, found.rejected, found.rejected_on) == (0, 0, 0, Counter())


def test_lines_that_are_gone_leave_the_days_unknown(tmp_path: Path) -> None:
    """No loss on any day would be a wrong answer."""
    store = stored(tmp_path, ROWS)
    for path in (tmp_path / "store" / "rejects").iterdir():
        path.unlink()
    found = losses(store, "b1", "bms.soc", timezone="Asia/Shanghai")
    assert (found.replaced, found.rejected, found.replaced_on, found.rejected_on) == (1, 1, None, None)
    shutil.rmtree(tmp_path / "plant")
    repair(tmp_path / "store", verify(tmp_path / "store").damages)
    found = losses(Store.open(tmp_path / "store"), "b1", "bms.soc", timezone="Asia/Shanghai")
    assert (found.replaced, found.rejected, found.replaced_on, found.rejected_on) == (1, 1, None, None)


def test_a_damaged_line_is_no_answer(tmp_path: Path) -> None:
    """It would count on a day that is not its own."""
    store = stored(tmp_path, ROWS)
    (path,) = (tmp_path / "store" / "rejects").iterdir()
    path.write_text(path.read_text().replace("2024-05-02", "2024-05-03"))
    with pytest.raises(StoreDamaged, match=path.name):
        losses(store, "b1", "bms.soc", timezone="Asia/Shanghai")


@pytest.mark.parametrize("line", [b"a.csv,2,no number,2024-05-\xff", b'a.csv,2,no number,"' + b"x" * 200_000])
def test_what_no_checksum_covers_is_damaged_where_it_cannot_be_read(tmp_path: Path, line: bytes) -> None:
    """Files of an earlier version have none."""
    path = tmp_path / "b1-soc-28ddcda0b8c5-1a.csv"
    path.write_bytes(b"file,line,reason,text\n" + line + b"\n")
    with pytest.raises(StoreDamaged):
        module._lines(path)
