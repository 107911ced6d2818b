"""Topics: periods, coverage and the timelines of a device."""

from pathlib import Path

import numpy as np

from bessline.store import Store, ingest
from bessline.store.manifest import SignalEntry, TopicEntry
from bessline.store.periods import first_period_s
from unit_tests.plants import MAY_1, signal_job, source_of


def _with_period(period_s: float | None) -> SignalEntry:
    return SignalEntry(
        file="a", bytes=1, rows=2, markers=0, start_ms=0, end_ms=1, period_s=period_s, gaps=0, gap_s=0.0, low=0.0,
        high=1.0, out_of_range=0,
    )  # fmt: skip


def test_the_period_is_the_finest_in_whole_seconds() -> None:
    """30.4 s becomes 30 s on a grid; whole rows keep theirs; without any evidence it is a minute."""
    signals = [_with_period(59.2), _with_period(30.4), _with_period(None)]
    assert first_period_s(signals, whole_rows=False) == 30
    assert first_period_s(signals, whole_rows=True) == 30.4
    assert first_period_s([_with_period(0.2)], whole_rows=False) == 1
    assert first_period_s([_with_period(None)], whole_rows=False) == 60


def _topic(tmp_path: Path, topic: str) -> TopicEntry:
    return Store.open(tmp_path / "s").devices["b1"].topics[topic]


def test_coverage_is_the_share_of_the_span_with_readings(tmp_path: Path) -> None:
    """A hole of an hour in four shows as such, less the tolerance for which the last value holds."""
    at = np.concatenate([np.arange(0, 5400, 30), np.arange(9000, 14400, 30)])
    ingest([source_of(tmp_path, signal_job(tmp_path, "b1/bms.soc", at, at * 0.0))], tmp_path / "s", workers=0)
    bms = _topic(tmp_path, "bms")
    # the hole 5370..9000 s is served for 90 s of tolerance; 14370 + 90 s ends the span
    lost = 9000 - 5370 - 90 - 30
    assert bms.coverage == round(1 - lost / (14370 + 90 + 30), 6)
    assert bms.rows == 180 + 3 + 180 + 3


def test_bess_stands_on_the_finest_grid_of_its_topics(tmp_path: Path) -> None:
    """With bms each 30 s and env each 60 s, /bess has a row each 30 s, also where only env speaks."""
    bms = signal_job(tmp_path, "b1/bms.soc", range(0, 600, 30), np.zeros(20))
    env = signal_job(tmp_path, "b1/env.humidity", range(0, 1200, 60), np.zeros(20))
    ingest([source_of(tmp_path, bms, env)], tmp_path / "s", workers=0)
    bess = _topic(tmp_path, "bess")
    assert (bess.period_s, bess.start_ms) == (30, MAY_1)
    assert bess.rows == (1140 + 180) // 30 + 1


def test_bess_has_the_instants_of_all_its_topics_on_grids_alike_and_others(tmp_path: Path) -> None:
    """Each of which its signals would give alone: what is missing in one is there in another."""
    bms = signal_job(tmp_path, "b1/bms.soc", [*range(0, 600, 30), *range(1800, 2400, 30)], np.zeros(40))
    pcs = signal_job(tmp_path, "b1/pcs.active_power", range(900, 1200, 30), np.zeros(10))
    env = signal_job(tmp_path, "b1/env.humidity", range(3000, 3600, 60), np.zeros(10))
    ingest([source_of(tmp_path, bms, pcs, env)], tmp_path / "s", workers=0)
    found = Store.open(tmp_path / "s").readings("b1", "bess").at(0, 999, fields=()).t_ms - MAY_1
    spans = [(0, 570 + 90), (900, 1170 + 90), (1800, 2370 + 90), (3000, 3540 + 180)]
    assert found.tolist() == [at * 1000 for first, last in spans for at in range(first, last + 1, 30)]


def test_bess_of_topics_that_have_nothing_but_markers_has_no_instant(tmp_path: Path) -> None:
    ingest(
        [source_of(tmp_path, signal_job(tmp_path, "b1/bms.soc", [0, 30], [np.nan, np.nan]))], tmp_path / "s", workers=0
    )
    assert [(_topic(tmp_path, topic).rows, _topic(tmp_path, topic).coverage) for topic in ("bms", "bess")] == [
        (0, None)
    ] * 2


def test_bess_of_whole_rows_has_the_stamps_of_its_topics(tmp_path: Path) -> None:
    """Whole rows keep their own stamps, on /bess too."""
    bms = signal_job(tmp_path, "b1/bms.soc", [0.25, 1.25, 2.25], [1, 2, 3])
    pcs = signal_job(tmp_path, "b1/pcs.active_power", [0.25, 1.75], [1, 2])
    ingest([source_of(tmp_path, bms, pcs, whole_rows=True)], tmp_path / "s", workers=0)
    file = Store.open(tmp_path / "s").readings("b1", "bess")
    found = file.at(0, 9, fields=("bms_soc", "pcs_active_power"))
    assert (found.t_ms - MAY_1).tolist() == [250, 1250, 1750, 2250]
    assert found.columns["bms_soc"].tolist() == [1.0, 2.0, 2.0, 3.0]


def test_cells_and_unclassified_are_stored_without_readings(tmp_path: Path) -> None:
    """They have files and figures, and no timeline."""
    cell = signal_job(tmp_path, "b1/cells.p1_v1", [0, 40, 80], [3.3, 3.3, 3.3])
    other = signal_job(tmp_path, "b1/unclassified.door", [0, 40, 80], [0, 1, 0])
    ingest([source_of(tmp_path, cell, other)], tmp_path / "s", workers=0)
    device = Store.open(tmp_path / "s").devices["b1"]
    assert set(device.signals) == {"cells.p1_v1", "unclassified.door"}
    assert device.topics == {}
