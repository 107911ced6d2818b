"""Readings: rows as the contract writes them."""

from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from bessline.store import Store, ingest
from bessline.store.readings import Readings, stamps
from unit_tests.plants import MAY_1, signal_job, source_of


def test_a_row_is_finite_or_none_and_flags_are_whole() -> None:
    """NaN becomes None, a flag an integer, a float stays a float."""
    columns = {"fa1_co": np.array([4.0, np.nan]), "fa1_smoke_flag": np.array([1.0, np.nan])}
    rows = Readings("b1", "safety", np.array([MAY_1, MAY_1 + 30_500]), columns).rows()
    assert rows == [
        {"timestamp": "2024-05-01T00:00:00.000Z", "fa1_co": 4.0, "fa1_smoke_flag": 1},
        {"timestamp": "2024-05-01T00:00:30.500Z", "fa1_co": None, "fa1_smoke_flag": None},
    ]
    assert isinstance(rows[0]["fa1_smoke_flag"], int)
    assert isinstance(rows[0]["fa1_co"], float)


@given(st.lists(st.integers(-62_135_596_800_000, 253_402_300_799_999), max_size=20).map(sorted))
@example([86_399_999, 86_400_000, 86_400_000])
def test_stamps_are_what_numpy_would_write(t_ms: list[int]) -> None:
    """Every instant of the years 1 to 9999, some of one day and some of others."""
    expected = [text + "Z" for text in np.datetime_as_string(np.array(t_ms, "M8[ms]"), unit="ms").tolist()]
    assert stamps(np.array(t_ms, np.int64)) == expected


def test_since_cuts_after_a_stamp() -> None:
    """`since` keeps what is strictly later, ages included."""
    t_ms, column = np.array([10, 20, 30]), np.array([1.0, 2.0, 3.0])
    later = Readings("b1", "bms", t_ms, {"soc": column}, {"soc": column}).since(20)
    assert later.rows() == [{"timestamp": "1970-01-01T00:00:00.030Z", "soc": 3.0, "ages_s": {"soc": 3.0}}]


def test_ages_and_tolerance_are_the_signal_s_own(tmp_path: Path) -> None:
    """A slow signal holds three of its own periods on a faster grid, and its age is told."""
    fast = signal_job(tmp_path, "b1/bms.voltage", range(0, 601, 30), np.full(21, 830.0))
    slow = signal_job(tmp_path, "b1/bms.soc", [0, 60, 120], [50, 51, 52])
    ingest([source_of(tmp_path, fast, slow)], tmp_path / "store", workers=0)
    file = Store.open(tmp_path / "store").readings("b1", "bms")
    rows = file.at(0, 99, fields=("soc", "voltage"), ages=True).rows()
    soc = [row["soc"] for row in rows]
    assert soc[:5] == [50.0, 50.0, 51.0, 51.0, 52.0]
    assert soc[4:11] == [52.0] * 7  # 120 s + 3 x 60 s
    assert set(soc[11:]) == {None}
    assert rows[9]["ages_s"] == {"soc": 150.0, "voltage": 0.0}
