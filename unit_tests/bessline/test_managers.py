"""DataManager: synchronised readings by page, by range and as a walk; each row once, in order, at any depth."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bessline.errors import NotKnown
from bessline.managers import BMSDataManager, Managers, PCSDataManager
from bessline.store import Store, ingest
from unit_tests.plants import MAY_1, signal_job, source_of


@pytest.fixture(scope="module")
def managers(tmp_path_factory: pytest.TempPathFactory) -> Managers:
    """b1: SOC each 30 s and voltage each 31 s over a day, with a hole of two hours."""
    folder = tmp_path_factory.mktemp("managers")
    at = np.concatenate([np.arange(0, 36_000, 30), np.arange(43_200, 86_400, 30)])
    soc = signal_job(folder, "b1/bms.soc", at, at / 1000)
    voltage = signal_job(folder, "b1/bms.voltage", at * 31 / 30, at / 100)
    meter = signal_job(folder, "m1/meter.active_power", [0, 60], [1, 2])
    ingest([source_of(folder, soc, voltage, meter)], folder / "s", workers=0)
    return Managers(Store.open(folder / "s"))


def test_each_topic_has_its_manager(managers: Managers) -> None:
    """bms and pcs are the named classes; devices are listed where they have the topic."""
    assert isinstance(managers["bms"], BMSDataManager)
    assert isinstance(managers["pcs"], PCSDataManager)
    assert managers["bms"].devices() == managers["bess"].devices() == ["b1"]
    assert managers["meter"].devices() == ["m1"]
    assert managers["pcs"].devices() == []


def test_the_timeline_says_where_readings_lie(managers: Managers) -> None:
    """Span, number, period and the fields that the device measures."""
    timeline = managers["bms"].timeline("b1")
    assert (timeline.start_ms, timeline.period_s, timeline.fields) == (MAY_1, 30.0, ("soc", "voltage"))
    assert timeline.rows == managers["bms"].count("b1")
    assert managers["bess"].timeline("b1").fields == ("bms_soc", "bms_voltage")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 90_000), st.integers(0, 90_000), st.integers(1, 900))
def test_pages_walks_and_one_big_page_agree(managers: Managers, start_s: int, length_s: int, size: int) -> None:
    """Any range, any page size: skip, walk and one page give the same stamps, each once."""
    bms, start, end = managers["bms"], MAY_1 + start_s * 1000, MAY_1 + (start_s + length_s) * 1000
    whole = bms.page("b1", start_ms=start, end_ms=end, limit=10_000)
    walk = bms.walk("b1", start_ms=start, end_ms=end, chunk=size)
    walked = [t for part in walk for t in part.t_ms.tolist()]
    total = bms.count("b1", start_ms=start, end_ms=end)
    pages = (bms.page("b1", start_ms=start, end_ms=end, skip=skip, limit=size) for skip in range(0, total, size))
    paged = [t for page in pages for t in page.t_ms.tolist()]
    assert whole.t_ms.tolist() == walked == paged
    assert total == len(whole)


def test_a_sweep_begins_with_a_small_part(managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits for its first rows, and for all of them."""
    monkeypatch.setattr("bessline.managers._SWEEP_ROWS", 100)
    monkeypatch.setattr("bessline.managers._SWEEP_VALUES", 3000)
    sizes = [len(part) for part in managers["bms"].sweep("b1", fields=("soc", "voltage"))]
    assert sizes[:3] == [100, 1000, 1000]
    assert sum(sizes) == managers["bms"].count("b1")


def test_a_hole_holds_no_rows(managers: Managers) -> None:
    """After the tolerance nothing exists until the next value: no row of nulls."""
    start, end = MAY_1 + 38_000_000, MAY_1 + 43_200_000
    assert managers["bms"].count("b1", start_ms=start, end_ms=end) == 0
    assert len(managers["bms"].page("b1", start_ms=start, end_ms=end)) == 0


def test_newest_looks_back_never_ahead(managers: Managers) -> None:
    """In the hole it is the last row before it; before the history there is none."""
    at = managers["bms"].newest("b1", at_ms=MAY_1 + 40_000_000, fields=["soc"])
    assert at.t_ms.tolist()[0] < MAY_1 + 38_000_000
    assert len(managers["bms"].newest("b1", at_ms=MAY_1 - 1)) == 0


def test_fields_come_in_the_order_asked_for(managers: Managers) -> None:
    """Only those, each once; one that the device lacks is null."""
    page = managers["bms"].page("b1", limit=1, fields=["voltage", "soh", "voltage"])
    assert page.rows() == [{"timestamp": "2024-05-01T00:00:00.000Z", "voltage": 0.0, "soh": None}]


def test_skipping_beyond_the_end_is_an_empty_page(managers: Managers) -> None:
    assert len(managers["bms"].page("b1", skip=10**9)) == 0


def test_what_is_not_known_names_what_is_near(managers: Managers) -> None:
    """A mistyped device or field comes back with its neighbours."""
    with pytest.raises(NotKnown, match="'b1'"):
        managers["bms"].count("b11")
    with pytest.raises(NotKnown, match="did you mean 'voltage'"):
        managers["bms"].page("b1", fields=["volage"])
    with pytest.raises(NotKnown):
        managers["pcs"].timeline("b1")
