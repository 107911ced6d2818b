"""Retention: what is too old goes and does not come back; what is made of it stays, and nothing else changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessline.errors import BadParameter
from bessline.managers import Managers
from bessline.sources import Source, open_source
from bessline.store import Store, ingest
from bessline.store.compact import compact
from bessline.store.inlet import Inlet
from bessline.store.manifest import SignalEntry
from bessline.store.manifest_file import read_manifest
from bessline.store.pyramid import LEVELS, Buckets, Level
from bessline.store.repair import repair
from bessline.store.retention import DAY_MS, parse_keeping
from bessline.store.series import Resolution, Series, Wish, series
from bessline.store.verify import verify
from unit_tests.batches import batch_of
from unit_tests.bessline.store.test_pyramid import as_rows
from unit_tests.plants import MAY_1, signal_job, source_of

DAYS, STEP_S, DAY_S = 20, 300, 86_400
EVER = (-(2**60), 2**60)
SOC, ENERGY, SILENT = "bms.soc", "aux.import_energy", "bms.soh"
#: Rows for ten days, buckets of five minutes for fifteen.
KEEPING = parse_keeping(["raw=10d,5min=15d"])
CUT, CUT_5MIN = MAY_1 + 9 * DAY_MS, MAY_1 + 4 * DAY_MS


def source(folder: Path, *, days: int = DAYS, shift: float = 0.0) -> Source:
    """SOC, a counter that is reset on the day of the cut, and a signal that fell silent after two days."""
    t_s = np.arange(0, days * DAY_S, STEP_S) + 7
    counter = np.where(np.arange(len(t_s)) < 9 * 288 + 5, np.arange(len(t_s)) * 2.5, (np.arange(len(t_s)) - 2597) * 2.5)
    early = t_s[t_s < 2 * DAY_S]
    return source_of(
        folder,
        signal_job(folder, f"b1/{SOC}", t_s, np.round(50 + 40 * np.sin(t_s / 20_000) + shift, 1)),
        signal_job(folder, f"b1/{ENERGY}", t_s, counter),
        signal_job(folder, f"b1/{SILENT}", early, np.full(len(early), 99.0)),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store from which nothing was dropped."""
    folder = tmp_path_factory.mktemp("whole")
    ingest([source(folder / "raw")], folder / "store", workers=0)
    return folder / "store"


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    """A store from which much was dropped."""
    copy = Path(shutil.copytree(whole, tmp_path / "store"))
    assert compact(copy, keeping=KEEPING).dropped == 2 * 9 * 288 + 288
    return copy


def entry(store: Path, name: str) -> SignalEntry:
    return read_manifest(store).devices["b1"].signals[name]


def buckets(store: Path, name: str, level: Level, *, since: int | None = None) -> Buckets:
    found = Store.open(store).pyramid("b1", name).between(level, *EVER)
    return found if since is None else found.at(found.t_ms >= since)


def assert_as_whole(store: Path, whole: Path) -> None:
    """Every bucket that is kept is the one that was made of all rows."""
    for name in (SOC, ENERGY):
        for level in LEVELS:
            since = CUT_5MIN if level == "5min" else None
            assert as_rows(buckets(store, name, level)) == as_rows(buckets(whole, name, level, since=since)), level
    assert verify(store).damages == []


def drawn(store: Path, resolution: Resolution = "auto", days: tuple[float, float] | None = None, **more: str) -> Series:
    span = (None, None) if days is None else (MAY_1 + round(days[0] * DAY_MS), MAY_1 + round(days[1] * DAY_MS))
    wish = Wish("b1", SOC, *span)
    return series(Store.open(store), replace(wish, resolution=resolution, **more))  # type: ignore[arg-type]


def test_rows_and_buckets_that_are_too_old_go_and_all_others_stay(store: Path, whole: Path) -> None:
    """Bit for bit, the sum of a counter over the cut and its reset included; a second time there is nothing to do."""
    assert_as_whole(store, whole)
    assert entry(store, SOC).kept_from == {"raw": CUT, "5min": CUT_5MIN}
    assert (entry(store, SOC).start_ms, entry(store, SOC).first_ms) == (CUT + 7000, MAY_1)
    bms = Managers(Store.open(store))["bms"]
    assert bms.page("b1", limit=1, start_ms=CUT - DAY_MS).t_ms[0] >= CUT
    assert bms.kept_from_ms("b1") == CUT
    kept = Managers(Store.open(whole))["bms"].page("b1", start_ms=CUT + DAY_MS, limit=5000).rows()
    assert bms.page("b1", start_ms=CUT + DAY_MS, limit=5000).rows() == kept
    again = compact(store, keeping=KEEPING)
    assert (again.rewritten, again.dropped, again.freed) == (0, 0, 0)


def test_of_a_signal_that_fell_silent_the_last_day_stays(store: Path) -> None:
    assert entry(store, SILENT).start_ms == MAY_1 + DAY_MS + 7000
    assert entry(store, SILENT).rows == 288


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_file_that_is_taken_in_again_brings_nothing_back(
    store: Path, whole: Path, tmp_path: Path, shift: float
) -> None:
    """It has grown by two days, and its old rows may even say something else now."""
    ingest([source(tmp_path / "grown", days=DAYS + 2, shift=shift)], store, workers=0)
    ingest([source(tmp_path / "all", days=DAYS + 2)], tmp_path / "expected", workers=0)
    assert entry(store, SOC).start_ms == CUT + 7000
    assert entry(store, SOC).rows == 13 * 288
    for level in LEVELS:
        since = CUT_5MIN if level == "5min" else None
        energy = buckets(tmp_path / "expected", ENERGY, level, since=since)
        assert as_rows(buckets(store, ENERGY, level)) == as_rows(energy)
        old, expected = (buckets(each, SOC, level, since=since) for each in (store, whole))
        assert as_rows(old.at(old.t_ms < CUT)) == as_rows(expected.at(expected.t_ms < CUT))


def test_a_file_of_old_rows_alone_changes_nothing(store: Path, whole: Path, tmp_path: Path) -> None:
    late = signal_job(tmp_path / "late", f"b1/{SOC}", [60.0, 3 * DAY_S], [1.0, 2.0])
    ingest([source_of(tmp_path / "late", late)], store, workers=0)
    assert (entry(store, SOC).rows, entry(store, SOC).kept_from["raw"]) == (11 * 288, CUT)
    assert_as_whole(store, whole)


def test_retention_goes_on_and_never_back(store: Path, whole: Path) -> None:
    """Five days of rows now; then all is to be kept, and what went stays away."""
    compact(store, keeping=parse_keeping(["raw=5d", "5min=15d"]))
    assert entry(store, SOC).kept_from == {"raw": CUT + 5 * DAY_MS, "5min": CUT_5MIN}
    assert_as_whole(store, whole)
    compact(store)
    assert entry(store, SOC).kept_from == {"raw": CUT + 5 * DAY_MS, "5min": CUT_5MIN}
    compact(store, keeping=parse_keeping(["raw=5d", "5min=5d", "15min=5d", "1h=5d", "1d=5d"]))
    assert (entry(store, SOC).began_ms, len(buckets(store, SOC, "1d"))) == (None, 6)


def test_a_repair_brings_back_no_more_than_was_kept(tmp_path: Path) -> None:
    """Rows come from their source, from the cut on; buckets before it that are damaged are lost, and it is said."""
    folder, store = tmp_path / "raw" / "BESS" / "b1", tmp_path / "store"
    folder.mkdir(parents=True)
    lines = [f"{np.datetime64(MAY_1 + n * 600_000, 'ms')}Z,{n % 90}" for n in range(DAYS * 144)]
    (folder / "bms1_soc.csv").write_text("ts,bms1_soc\n" + "\n".join(lines) + "\n")
    ingest([open_source(tmp_path / "raw")], store, workers=0)
    compact(store, keeping=KEEPING)
    before = as_rows(buckets(store, SOC, "1h"))
    _spoil(store / entry(store, SOC).file)
    (done,) = repair(store, verify(store).damages)
    assert (done.is_whole, entry(store, SOC).start_ms, entry(store, SOC).rows) == (True, CUT, 11 * 144)
    assert as_rows(buckets(store, SOC, "1h")) == before
    _spoil(store / (entry(store, SOC).pyramid or ""))
    (done,) = repair(store, verify(store).damages)
    assert (done.is_whole, "buckets of rows that were dropped before are lost" in done.outcome) == (False, True)
    assert (buckets(store, SOC, "1d").t_ms[0], entry(store, SOC).kept_from["raw"]) == (CUT, CUT)
    assert verify(store).damages == []


def _spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("days", "level"),
    [(None, "15min"), ((0, 20), "15min"), ((5, 20), "5min"), ((8.9, 9.5), "5min"), ((9, 20), "raw"), ((12, 13), "raw")],
)
def test_auto_takes_a_level_that_is_there(store: Path, days: tuple[float, float] | None, level: str) -> None:
    found = drawn(store, days=days)
    assert found.resolution == level
    assert found.coverage == pytest.approx(1, abs=0.01)


def test_a_level_that_is_named_begins_where_it_is_kept(store: Path) -> None:
    """Without a start it begins there; a start before it is refused, and the message says from when on."""
    assert drawn(store, "raw").t_ms[0] == CUT + 7000
    assert drawn(store, "5min").t_ms[0] == CUT_5MIN
    assert drawn(store, "1d").t_ms[0] == MAY_1
    assert drawn(store, "raw", (9, 20)).t_ms[0] == CUT + 7000
    with pytest.raises(BadParameter, match=r"rows of b1 bms.soc are kept from 2024-05-10T00:00:00.000Z on.*15min"):
        drawn(store, "raw", (3, 20))
    with pytest.raises(BadParameter, match=r"buckets for 5min .* kept from 2024-05-05"):
        drawn(store, "5min", (3, 20))


def test_a_range_that_cuts_a_bucket_without_rows_gathers_finer_ones(store: Path, whole: Path) -> None:
    """From half a day on, and to a quarter past four: what five minutes, or where they went quarter hours, hold."""
    for days in ((4.5, 8.1875), (5.5, 12.5), (1.5, 3.25), (6.125, 6.1875)):
        found, expected = (drawn(each, "1d", days) for each in (store, whole))
        assert found.value.tolist() == pytest.approx(expected.value.tolist())
        assert (found.t_ms.tolist(), found.coverage) == (expected.t_ms.tolist(), expected.coverage)


def test_live_rows_lie_over_what_is_kept(store: Path) -> None:
    """In memory and in the files; the buckets of what went are as they were."""
    before, newest = as_rows(buckets(store, SOC, "1h")), DAYS * DAY_S
    inlet = Inlet(Store.open(store))
    inlet.write([batch_of("b1", "bms", [(newest + 60, {"soc": 7.0})])])
    live = as_rows(inlet.store.pyramid("b1", SOC).between("1h", *EVER))
    inlet.seal(workers=0)
    inlet.close()
    assert live[:-1] == before
    assert as_rows(buckets(store, SOC, "1h")) == live
    assert (entry(store, SOC).first_ms, entry(store, SOC).start_ms) == (MAY_1, CUT + 7000)


def test_local_days_come_from_quarter_hours(store: Path, whole: Path) -> None:
    found, expected = (drawn(each, "1d", zone="Asia/Kolkata") for each in (store, whole))
    assert found.value.tolist() == expected.value.tolist()


@pytest.mark.parametrize(
    ("text", "moral"),
    [
        ("raw", "no level and age"),
        ("raw=0d", "no level and age"),
        ("raw=10h", "no level and age"),
        ("2h=10d", "levels are raw, 5min, 15min, 1h, 1d"),
        ("5min=10d", "5min goes before raw"),
        ("raw=10d,1h=9d,15min=20d,5min=10d", "1h goes before 15min"),
    ],
)
def test_what_cannot_be_kept_says_why(text: str, moral: str) -> None:
    with pytest.raises(BadParameter, match=moral):
        parse_keeping([text])


def test_ages_are_days_and_years() -> None:
    assert parse_keeping(["raw=1d", "5min=2y, 1h=forever"]) == {"raw": DAY_MS, "5min": 730 * DAY_MS}
    assert parse_keeping([]) == {}
