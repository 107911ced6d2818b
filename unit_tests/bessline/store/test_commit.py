"""Commit: what is staged becomes one file a signal, and nothing that lost is lost."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import SignalId
from bessline.store import Store, ingest
from bessline.store.commit import parse_signal
from unit_tests.plants import MAY_1, signal_job, source_of

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True), NAMES, NAMES)
def test_a_signal_is_told_from_its_name(device_id: str, topic: str, field: str) -> None:
    signal = SignalId(device_id, topic, field)
    assert parse_signal(str(signal)) == signal


def test_of_two_files_of_a_signal_the_later_one_counts(tmp_path: Path) -> None:
    """Rows of both in the order of time; what lost against another value is kept with what it was."""
    first = signal_job(tmp_path, "b1/bms.soc", [0, 30, 60], [1, 2, 3])
    again = signal_job(tmp_path, "b1/bms.soc", [30, 60, 90], [2, 7, 4])
    second = replace(again, file=tmp_path / "again.csv")
    second.file.write_bytes(b"again")
    report = ingest([source_of(tmp_path, first, second)], tmp_path / "s", workers=0)
    store = Store.open(tmp_path / "s")
    t_ms, value = store.signal("b1", "bms.soc").between(0, 2**60)
    assert (((t_ms - MAY_1) // 1000).tolist(), value.tolist()) == ([0, 30, 60, 90], [1.0, 2.0, 7.0, 4.0])
    assert report.conflicts == 1
    (lost,) = (tmp_path / "s" / "rejects").iterdir()
    assert "b1/bms.soc 2024-05-01T00:01:00.000Z 3.0" in lost.read_text()
