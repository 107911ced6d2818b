"""Files that grow: whatever was appended when, the store is that of one ingest of the whole file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bessline.errors import StoreDamaged
from bessline.sources import open_source
from bessline.sources.base import SignalId
from bessline.sources.signal_file import SignalFileJob
from bessline.store import columns, ingest, pyramid_file
from bessline.store.columns import ColumnFile
from bessline.store.growth import grown
from bessline.store.intake import IngestReport
from bessline.store.manifest import FileEntry, Manifest, SignalEntry
from bessline.store.manifest_file import read_manifest
from bessline.store.pyramid import LEVELS
from bessline.store.pyramid_file import PyramidFile
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.runs import RunWriter, merge_runs

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
    # what a power cut would leave is another test's affair, and waiting for the disk most of the time here
    with patch.object(os, "fsync"):
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
    return replace(entry, file="", pyramid="", bytes=0)


@settings(max_examples=15)
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
            # the last line may be cut anywhere; but what reads as a value then must be one in the end: rows stay
            short = 0 if text.endswith("high\n") else short
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


FIELDS = ("bms.soc", "meter.import_energy", "meter.active_energy", "safety.fa1_smoke_flag", "cells.p1_v1")
_RUN = st.lists(
    st.tuples(
        st.sampled_from([1, 1000, 30_000, 31_000, 299_000, 4_000_000, 90_000_000]),
        st.sampled_from([0.0, 1.0, 2.5, 9.25, -3.0, 100_000.0, 1 / 3, np.nan]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def written(folder: Path, name: str, field: str, rows: list[tuple[int, float]], *, after_ms: int) -> SignalEntry:
    t_ms = after_ms + np.cumsum([step for step, _ in rows])
    writer = RunWriter(signal_of(field), folder, stem=name, superseded=lambda _t, _v: None)
    writer.append(t_ms, np.array([value for _, value in rows]))
    return writer.close()


def signal_of(field: str) -> SignalId:
    return SignalId("b1", *field.split("."))


def shown(entry: SignalEntry) -> tuple[SignalEntry, list[list[float]]]:
    rows = ColumnFile(Path(entry.file), RowGroupCache()).between(-_EVER, _EVER)
    pyramid = PyramidFile(Path(entry.pyramid or ""), RowGroupCache())
    pyramid.verify()
    levels = [column for level in LEVELS for column in pyramid.between(level, 0, _EVER).columns()]
    return same_but_for_names(entry), [np.nan_to_num(column, nan=-7e7).tolist() for column in (*rows, *levels)]


@settings(max_examples=60)
@given(st.sampled_from(FIELDS), st.lists(_RUN, min_size=2, max_size=5))
def test_rows_laid_behind_are_as_if_merged(field: str, runs: list[list[tuple[int, float]]]) -> None:
    """Counters across the seam, buckets that go on, markers, gaps, any coding; again and again."""
    with (
        TemporaryDirectory() as name,
        patch.object(columns, "ROW_GROUP", 4),
        patch.object(pyramid_file, "ROW_GROUP", 5),
    ):
        folder, after_ms = Path(name), 86_400_000 * 19_000 - 7
        known = written(folder, "0", field, runs[0], after_ms=after_ms)
        parts = [Path(known.file)]
        for number, rows in enumerate(runs[1:], 1):
            run = written(folder, str(number), field, rows, after_ms=known.end_ms)
            parts.append(Path(run.file))
            merged = merge_runs(signal_of(field), parts, folder / f"m{number}.parquet", superseded=lambda _t, _v: None)
            found = grown(signal_of(field), known, run, folder / f"g{number}.parquet")
            assert found is None or shown(found) == shown(merged[0])
            known = found or merged[0]


def test_rows_are_laid_behind_and_not_merged(tmp_path: Path) -> None:
    """What was there is copied byte for byte, until there are many small pieces."""
    day = [(30_000, n / 10) for n in range(288)]
    known = written(tmp_path, "0", "bms.soc", day, after_ms=0)
    for number in range(1, 40):
        before = Path(known.file).read_bytes()[4:100]
        run = written(tmp_path, str(number), "bms.soc", day, after_ms=known.end_ms)
        found = grown(signal_of("bms.soc"), known, run, tmp_path / f"g{number}.parquet")
        if found is None:
            break
        assert Path(found.file).read_bytes()[4:100] == before
        known = found
    assert number == 32


@pytest.mark.parametrize("rows", [[(-30_000, 1.0)], [(30_000, 1 / 3)]])
def test_what_does_not_fit_is_left_to_a_merge(tmp_path: Path, rows: list[tuple[int, float]]) -> None:
    """A late row, and a number that the old form cannot hold."""
    known = written(tmp_path, "0", "bms.soc", [(30_000, 1.5), (30_000, 2.5)], after_ms=0)
    run = written(tmp_path, "1", "bms.soc", rows, after_ms=known.end_ms)
    assert grown(signal_of("bms.soc"), known, run, tmp_path / "g.parquet") is None
    assert list(tmp_path.glob("*g.*")) == []


def test_damage_is_not_copied(tmp_path: Path) -> None:
    """A byte that changed in what would be laid before is found."""
    known = written(tmp_path, "0", "bms.soc", [(30_000, n / 10) for n in range(99)], after_ms=0)
    run = written(tmp_path, "1", "bms.soc", [(30_000, 1.5)], after_ms=known.end_ms)
    data = bytearray(Path(known.file).read_bytes())
    data[60] ^= 1
    Path(known.file).write_bytes(data)
    with pytest.raises(StoreDamaged, match="checksum"):
        grown(signal_of("bms.soc"), known, run, tmp_path / "g.parquet")
