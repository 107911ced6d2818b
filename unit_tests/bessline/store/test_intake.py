"""Ingest: whole, resumable, and saying what it could not take."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.errors import SourceError, StoreError
from bessline.managers import Managers
from bessline.signals import lookup
from bessline.sources.base import Source
from bessline.store import Store, ingest, intake
from bessline.store.commit import Commit
from bessline.store.counters import counting_of
from bessline.store.manifest import Manifest
from bessline.store.manifest_file import read_manifest, write_manifest
from bessline.store.pyramid import LEVELS, fold
from unit_tests.plants import signal_job, source_of


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Two devices: b1 with SOC and voltage every 30 s, m1 a meter every 60 s."""
    at = np.arange(0, 3600, 30)
    return source_of(
        tmp_path / "raw",
        signal_job(tmp_path / "raw", "b1/bms.soc", at, at / 100),
        signal_job(tmp_path / "raw", "b1/bms.voltage", at + 7, at / 10),
        signal_job(tmp_path / "raw", "m1/meter.active_power", np.arange(0, 3600, 60), np.arange(60.0)),
    )


def _rows(store: Path) -> dict[tuple[str, str], list[dict[str, object]]]:
    managers = Managers(Store.open(store))
    return {
        (topic, device): [row for part in manager.walk(device) for row in part.rows()]
        for topic, manager in managers.items()
        for device in manager.devices()
    }


def test_ingesting_twice_changes_nothing(source: Source, tmp_path: Path) -> None:
    """The second run reads no file and writes none."""
    ingest([source], tmp_path / "s", workers=0)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "s").rglob("*") if path.is_file()}
    report = ingest([source], tmp_path / "s", workers=0)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "s").rglob("*") if path.is_file()}
    assert (report.files, report.unchanged) == (0, 3)
    assert {path: t for path, t in before.items() if path.name != ".lock"} == {
        path: t for path, t in after.items() if path.name != ".lock"
    }


def test_worker_processes_do_the_same_work(source: Source, tmp_path: Path) -> None:
    """Spawned workers and this process give the same rows."""
    ingest([source], tmp_path / "here", workers=0)
    ingest([source], tmp_path / "there", workers=2)
    assert _rows(tmp_path / "here") == _rows(tmp_path / "there")


def test_a_changed_file_is_merged(source: Source, tmp_path: Path) -> None:
    """A grown file adds its new rows; a corrected value replaces the old one, which is kept as superseded."""
    ingest([source], tmp_path / "s", workers=0)
    at = np.arange(0, 7200, 30)
    value = at / 100
    value[1] = 99.0
    grown = signal_job(tmp_path / "raw", "b1/bms.soc", at, value)
    report = ingest([replace(source, jobs=(grown, *source.jobs[1:]))], tmp_path / "s", workers=0)
    rows = _rows(tmp_path / "s")["bms", "b1"]
    assert [row["soc"] for row in rows[:3]] == [0.0, 99.0, 0.6]
    assert rows[239]["soc"] == 71.7
    assert "0.3" in Path(report.reject_files[0]).read_text()


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(source: Source, tmp_path: Path) -> None:
    """The bad file is named in the report, the others are served."""
    bad = replace(signal_job(tmp_path / "raw", "b1/bms.soh", [0], [0]), failure="no header")
    report = ingest([replace(source, jobs=(bad, *source.jobs))], tmp_path / "s", workers=0)
    assert [str(error) for error in report.refused] == [f"{bad.file}:1: no header"]
    assert len(_rows(tmp_path / "s")["bms", "b1"]) == 123


def test_another_reading_of_the_same_file_is_refused(source: Source, tmp_path: Path) -> None:
    """Another zone for a file that is in the store would mix two meanings: it is refused by name."""
    ingest([source], tmp_path / "s", workers=0)
    other = replace(source.jobs[0], reading="zone Asia/Shanghai")  # type: ignore[type-var]
    report = ingest([replace(source, jobs=(other,))], tmp_path / "s", workers=0)
    assert isinstance(report.refused[0], SourceError)
    assert "read differently (arrays; now zone Asia/Shanghai)" in str(report.refused[0])


def test_the_grid_is_fixed_at_the_first_ingest(source: Source, tmp_path: Path) -> None:
    """A faster signal that comes later does not move the stamps of what was served."""
    ingest([source], tmp_path / "s", workers=0)
    stamps = [row["timestamp"] for row in _rows(tmp_path / "s")["bms", "b1"]]
    fast = signal_job(tmp_path / "raw", "b1/bms.current", range(3600), np.zeros(3600))
    ingest([replace(source, jobs=(*source.jobs, fast))], tmp_path / "s", workers=0)
    assert [row["timestamp"] for row in _rows(tmp_path / "s")["bms", "b1"]][: len(stamps)] == stamps


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", range(6))
def test_an_ingest_cut_short_goes_on(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Cut before, between and after the swaps: the store opens, and the next run ends with the undisturbed rows."""
    left = [moment]

    def maybe_die(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed

    run, sweep = Commit.run, intake.sweep

    def dying_run(self: Commit, receipts: object) -> object:
        maybe_die()
        result = run(self, receipts)  # type: ignore[arg-type]
        maybe_die()
        return result

    def dying_sweep(store: Path, manifest: Manifest | None, *, keep: set[str]) -> None:
        maybe_die()
        sweep(store, manifest, keep=keep)

    monkeypatch.setattr(Commit, "run", dying_run)
    monkeypatch.setattr(intake, "sweep", dying_sweep)
    with pytest.raises(_Killed):
        ingest([source], tmp_path / "s", workers=0)
    monkeypatch.undo()
    Store.open(tmp_path / "s")
    ingest([source], tmp_path / "s", workers=0)
    ingest([source], tmp_path / "undisturbed", workers=0)
    assert _rows(tmp_path / "s") == _rows(tmp_path / "undisturbed")
    assert not list((tmp_path / "s" / "staging").iterdir())


def test_files_of_a_replaced_generation_outlive_one_ingest(source: Source, tmp_path: Path) -> None:
    """A server that still reads the earlier manifest finds its files until the next ingest."""
    ingest([source], tmp_path / "s", workers=0)
    old = Store.open(tmp_path / "s")
    name = old.devices["b1"].signals["bms.soc"].file
    grown = signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30, 60], [1, 2, 3])
    ingest([replace(source, jobs=(grown,))], tmp_path / "s", workers=0)
    assert (tmp_path / "s" / name).exists()
    ingest([replace(source, jobs=(grown,))], tmp_path / "s", workers=0)
    assert not (tmp_path / "s" / name).exists()


def test_every_replaced_row_is_counted_and_kept(source: Source, tmp_path: Path) -> None:
    """Corrected three times over: each lost value is counted, named with its export, and stays in a file."""
    ingest([source], tmp_path / "s", workers=0)
    for value in (1.0, 2.0, 3.0):
        job = signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30], [value, 0.3])
        assert ingest([replace(source, jobs=(job,))], tmp_path / "s", workers=0).conflicts == 1
    manifest = Store.open(tmp_path / "s").manifest
    kept = "".join((tmp_path / "s" / name).read_text() for name in manifest.files[str(job.file)].reject_files)
    assert [f"Z {lost}" in kept for lost in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]
    assert str(job.file) in kept


_FIELDS = {"bms.soc": [0.0, 41.5, 97.0, float("nan")], "meter.import_energy": [5.0, 6.5, 90.0, 99_999.0, 0.0]}


@settings(max_examples=15)
@given(st.data(), st.sampled_from(list(_FIELDS)), st.integers(1, 4))
def test_after_any_ingests_the_pyramid_is_what_the_rows_say(data: st.DataObject, name: str, runs: int) -> None:
    """Grown, corrected, shrunk and unsorted files, late rows in a second file: as if it were folded anew."""
    stamps = st.lists(st.integers(0, 400_000), min_size=1, max_size=40)
    with TemporaryDirectory() as folder:
        path = Path(folder)
        for _ in range(runs):
            jobs = []
            for export in data.draw(st.sampled_from([("a",), ("b",), ("a", "b")])):
                at = data.draw(stamps)
                value = [data.draw(st.sampled_from(_FIELDS[name])) for _ in at]
                jobs.append(signal_job(path / export, f"b1/{name}", at, value))
            ingest([source_of(path, *jobs)], path / "s", workers=0)
        store = Store.open(path / "s")
        counting = counting_of(lookup(*name.split(".")))
        rows = store.signal("b1", name).between(-(2**60), 2**60)
        for level in LEVELS:
            found = store.pyramid("b1", name).between(level, -(2**60), 2**60)
            for column, expected in zip(
                found.columns(), fold(*rows, level=level, counting=counting).columns(), strict=True
            ):
                np.testing.assert_array_equal(column, expected)


def test_a_store_of_an_earlier_version_gets_its_pyramids(source: Source, tmp_path: Path) -> None:
    """Without them it answers from the rows; the next ingest that touches a device makes those of all its signals."""
    ingest([source], tmp_path / "s", workers=0)
    manifest = read_manifest(tmp_path / "s")
    device = manifest.devices["b1"]
    bare = {name: replace(entry, pyramid=None) for name, entry in device.signals.items()}
    devices = {**manifest.devices, "b1": replace(device, signals=bare)}
    write_manifest(tmp_path / "s", replace(manifest, devices=devices))
    old = Store.open(tmp_path / "s").pyramid("b1", "bms.voltage").between("1h", 0, 2**60)
    grown = signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30, 60], [1, 2, 3])
    ingest([replace(source, jobs=(grown,))], tmp_path / "s", workers=0)
    store = Store.open(tmp_path / "s")
    assert all(entry.pyramid for entry in store.manifest.devices["b1"].signals.values())
    new = store.pyramid("b1", "bms.voltage").between("1h", 0, 2**60)
    assert [column.tolist() for column in new.columns()] == [column.tolist() for column in old.columns()]


def test_a_source_is_no_store(source: Source, tmp_path: Path) -> None:
    """Taking a folder into itself would make it unreadable as a source."""
    with pytest.raises(StoreError, match="is the source itself"):
        ingest([source], tmp_path / "raw", workers=0)
