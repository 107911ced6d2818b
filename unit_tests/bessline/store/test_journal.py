"""The journal: every record that was acknowledged is there, whatever was torn, damaged or full."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.journal import Journal, JournalReader, pack, scan, segments

BODIES = st.lists(st.binary(max_size=40), max_size=6)


def bodies(folder: Path, after: int = 0) -> list[bytes]:
    return [body for _, body in JournalReader(folder).more(after=after)]


@given(BODIES, st.integers(0, 400))
def test_a_torn_end_takes_no_whole_record_with_it(records: list[bytes], cut: int) -> None:
    """Wherever a kill cuts the bytes, exactly the records that are whole before the cut are read."""
    packed = [pack(number, body) for number, body in enumerate(records, 1)]
    data = b"".join(packed)[:cut]
    whole = [n for n in range(len(packed) + 1) if len(b"".join(packed[:n])) <= cut][-1]
    found = scan(data)
    assert [body for _, body in found.records] == records[:whole]
    assert (found.good_bytes + found.torn_bytes, found.damaged_bytes) == (len(data), 0)


@given(BODIES.filter(bool), st.data())
def test_a_flipped_bit_costs_its_own_record_only(records: list[bytes], data: st.DataObject) -> None:
    """And never gives a record that was not written."""
    raw = bytearray(b"".join(pack(number, body) for number, body in enumerate(records, 1)))
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[at // 8] ^= 1 << at % 8
    found = scan(bytes(raw)).records
    assert len(found) == len(records) - 1
    assert all(records[number - 1] == body for number, body in found)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_scanned(data: bytes) -> None:
    """Nothing raises, and what is no record is counted."""
    found = scan(data)
    assert found.good_bytes + found.torn_bytes == len(data)


def test_what_is_appended_is_read_and_numbered(tmp_path: Path) -> None:
    """Numbers go on over segments and over processes."""
    journal = Journal(tmp_path / "j", after=0)
    assert journal.append([b"a", b"b"]) == [1, 2]
    journal.rotate()
    assert journal.append([b"c"]) == [3]
    journal.close()
    again = Journal(tmp_path / "j", after=0)
    assert [body for _, body in again.records] == [b"a", b"b", b"c"]
    assert again.append([b"d"]) == [4]
    assert bodies(tmp_path / "j", after=2) == [b"c", b"d"]


def test_many_records_are_forced_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group commit: one force to disk, however many are in the group."""
    journal = Journal(tmp_path / "j", after=0)
    forced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", forced.append)
    journal.append([b"x"] * 50)
    assert len(forced) == 1


def test_the_torn_end_is_cut_and_counted_at_opening(tmp_path: Path) -> None:
    """And the next record stands behind the last good one."""
    journal = Journal(tmp_path / "j", after=0)
    journal.append([b"a"])
    journal.close()
    with segments(tmp_path / "j")[0].open("ab") as file:
        file.write(pack(2, b"half")[:-1])
    again = Journal(tmp_path / "j", after=0)
    assert again.torn_bytes == len(pack(2, b"half")) - 1
    again.append([b"b"])
    assert bodies(tmp_path / "j") == [b"a", b"b"]


def test_damage_is_put_aside_and_what_follows_still_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The damaged bytes stay in a file beside it, and the log names it."""
    journal = Journal(tmp_path / "j", after=0)
    journal.append([b"first", b"second", b"third"])
    journal.close()
    path = segments(tmp_path / "j")[0]
    path.write_bytes(path.read_bytes().replace(b"second", b"sexond"))
    again = Journal(tmp_path / "j", after=0)
    assert [body for _, body in again.records] == [b"first", b"third"]
    assert again.damaged_bytes == len(pack(2, b"second"))
    assert path.with_suffix(".damaged").exists()
    assert "do not match their checksum" in caplog.text


def test_settled_segments_are_dropped_and_others_stay(tmp_path: Path) -> None:
    """The one that is written to stays; so does each that holds one record more."""
    journal = Journal(tmp_path / "j", after=0)
    journal.append([b"a", b"b"])
    settled = journal.rotate()
    journal.append([b"c"])
    journal.drop(settled - 1)
    assert bodies(tmp_path / "j") == [b"a", b"b", b"c"]
    journal.drop(settled)
    assert bodies(tmp_path / "j") == [b"c"]
    journal.drop(3)
    assert bodies(tmp_path / "j") == [b"c"]
    journal.close()
    assert Journal(tmp_path / "j", after=3).append([b"d"]) == [4]
    assert bodies(tmp_path / "j") == [b"d"]


def test_a_refused_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it was on disk when the disk was full: the segment ends where it ended before."""
    journal, write = Journal(tmp_path / "j", after=0), os.write
    journal.append([b"a"])

    def half(handle: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space"):
            journal.append([b"b" * 100])
    assert scan(segments(tmp_path / "j")[0].read_bytes()).torn_bytes == 0
    assert journal.append([b"c"]) == [2]
    assert bodies(tmp_path / "j") == [b"a", b"c"]


def test_a_probe_leaves_nothing(tmp_path: Path) -> None:
    """It only tries."""
    journal = Journal(tmp_path / "j", after=0)
    journal.probe()
    assert list((tmp_path / "j").iterdir()) == []
