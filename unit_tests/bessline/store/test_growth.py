"""Files that grow: whatever was appended when, the store is that of one ingest of the whole file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bessline.sources import open_source
from bessline.sources.signal_file import SignalFileJob
from bessline.store import ingest
from bessline.store.columns import ColumnFile, RowGroupCache
from bessline.store.intake import IngestReport
from bessline.store.manifest import FileEntry, Manifest, SignalEntry, read_manifest
from bessline.store.pyramid import LEVELS
from bessline.store.pyramid_file import PyramidFile

_EVER = 2**60
#: Before, in and after the hour that comes twice in Berlin; late ones and equal ones among them.
_STAMPS = st.builds(
    lambda hour, minute: f"2024-10-27 {hour:02}:{minute:02}:00", st.integers(0, 5), st.sampled_from([0, 1, 30, 31, 59])
)
_LATER = st.builds(lambda day, s: f"2024-11-{day:02} 12:00:{s:02}", st.integers(1, 20), st.integers(0, 59))
_CELLS = st.sampled_from(["1", "1.5", "22.5", "-3", "", "unavailable", "high", "1e3", "3.125"])
_LINES = st.builds("{},{}".format, _STAMPS | _LATER, _CELLS) | st.sampled_from(["", "rubbish", "2024-11-01 00:00"])
_APPENDED = st.lists(st.lists(_LINES, max_size=6), min_size=2, max_size=5)


def taken_in(folder: Path, store: Path) -> IngestReport:
    return ingest([open_source(folder, timezone="Europe/Berlin")], store, workers=0)


def held(store: Path) -> tuple[Manifest, dict[str, list[list[float]]]]:
    """The manifest, and of each signal the columns of its rows and of each level."""
    manifest, found = read_manifest(store), {}
    for name, entry in manifest.devices["b1"].signals.items() if manifest.devices else ():
        assert entry.pyramid is not None
        rows = ColumnFile(store / entry.file, RowGroupCache()).between(-_EVER, _EVER)
        pyramid = PyramidFile(store / entry.pyramid, RowGroupCache())
        levels = [column for level in LEVELS for column in pyramid.between(level, 0, _EVER).columns()]
        found[name] = [np.nan_to_num(column, nan=-7e7).tolist() for column in (*rows, *levels)]
    return manifest, found


def same_but_for_names(entry: SignalEntry) -> SignalEntry:
    return entry.model_copy(update={"file": "", "pyramid": "", "bytes": 0})


@settings(max_examples=12)
@given(_APPENDED, st.lists(st.integers(0, 12), min_size=5, max_size=5))
@example([["2024-10-27 02:30:00,1"], ["2024-10-27 02:00:00,2"]], [0, 0, 0, 0, 0])
@example([["2024-11-01 12:00:00,2.5"], ["2024-11-02 12:00:00,1"]], [1, 0, 0, 0, 0])
def test_appended_piece_by_piece_is_read_as_at_once(appended: list[list[str]], cut: list[int]) -> None:
    """Late rows, rows that come again, rejects, hours that come twice, and lines that are not finished yet."""
    text = "ts,bms1_soc\n"
    with TemporaryDirectory() as name:
        raw = Path(name, "raw", "b1", "bms1_soc.csv")
        raw.parent.mkdir(parents=True)
        for lines, short in zip(appended, cut, strict=False):
            text += "".join(f"{line}\n" for line in lines)
            # the last line of an unfinished one may be cut anywhere, but not the header
            raw.write_text(text[: max(12, len(text) - short)])
            taken_in(raw.parent.parent, Path(name, "grown"))
        raw.write_text(text)
        taken_in(raw.parent.parent, Path(name, "grown"))
        taken_in(raw.parent.parent, Path(name, "whole"))
        (grown, grown_rows), (whole, whole_rows) = held(Path(name, "grown")), held(Path(name, "whole"))
    assert grown_rows == whole_rows
    for signal, entry in (whole.devices["b1"].signals if whole.devices else {}).items():
        assert same_but_for_names(grown.devices["b1"].signals[signal]) == same_but_for_names(entry)


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    raw = tmp_path / "raw" / "b1" / "bms1_soc.csv"
    raw.parent.mkdir(parents=True)
    raw.write_text("ts,bms1_soc\n2024-05-01 00:00:00,1\nrubbish\n2024-05-01 00:00:30,2\n")
    taken_in(tmp_path / "raw", tmp_path / "s")
    return raw


def entry_of(raw: Path, store: Path) -> FileEntry:
    return read_manifest(store).files[str(raw)]


def append(raw: Path, text: str) -> None:
    with raw.open("a") as file:
        file.write(text)


def test_only_what_was_appended_is_read(plant: Path, tmp_path: Path) -> None:
    """The lines before are neither parsed nor counted again, and what became of them is known still."""
    append(plant, "2024-05-01 00:00:30,2\n2024-05-01 00:00:30,3\n2024-05-01 00:01:00,4\nmore rubbish\n")
    with patch.object(SignalFileJob, "read", side_effect=AssertionError("read whole")):
        report = taken_in(tmp_path / "raw", tmp_path / "s")
    entry = entry_of(plant, tmp_path / "s")
    assert (report.rows, report.rejected, entry.rows, entry.rejected) == (3, 1, 5, 2)
    assert (entry.duplicates + entry.conflicts, report.bytes) == (2, 79)
    told = "".join((tmp_path / "s" / name).read_text() for name in entry.reject_files)
    assert [line.split(",")[1] for line in told.splitlines() if "rubbish" in line] == ["3", "8"]


@pytest.mark.parametrize("change", ["shorter", "another", "unfinished", "in the repeated hour"])
def test_all_else_is_read_whole(plant: Path, tmp_path: Path, change: str) -> None:
    """A file that was written anew, one that ended amid a line, and an hour that only its order tells apart."""
    store = tmp_path / "s"
    match change:
        case "shorter":
            plant.write_text("ts,bms1_soc\n2024-05-01 00:00:00,1\n")
        case "another":
            plant.write_text("ts,bms1_soc\n2024-06-01 00:00:00,1\n" + "2024-05-01 00:00:30,2\n" * 9)
        case "unfinished":
            append(plant, "2024-05-01 00:01:00,4")
            taken_in(tmp_path / "raw", store)
            append(plant, "2\n")
        case "in the repeated hour":
            append(plant, "2024-10-27 02:30:00,1\n")
    with patch.object(SignalFileJob, "read", side_effect=SignalFileJob.read, autospec=True) as read:
        taken_in(tmp_path / "raw", store)
    assert read.call_count == 1
