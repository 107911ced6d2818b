"""A stored history as a table: its readings, nothing filled."""

import numpy as np
import pytest

from bessline.detection import history
from bessline.detection.history import table_of
from bessline.errors import BadParameter, NotKnown
from bessline.managers import Managers


def test_all_measures_of_a_unit_on_its_timeline(tiny_managers: Managers) -> None:
    table = table_of(tiny_managers.store, "bess1", start_ms=None, end_ms=None, fields=None)
    timeline = tiny_managers["bess"].timeline("bess1")
    assert len(table) == timeline.rows
    assert {"bms_soc", "pcs_dc_voltage"} <= set(table.features)
    assert not {name for name in table.features if "flag" in name or "energy" in name}
    page = tiny_managers["bess"].page("bess1", skip=50, limit=1, fields=["bms_voltage"])
    assert table.values[50, table.features.index("bms_voltage")] == page.columns["bms_voltage"][0]
    assert table.t_ms is not None
    assert table.t_ms[50] == page.t_ms[0]


def test_a_span_and_fields(tiny_managers: Managers) -> None:
    start = tiny_managers["bess"].timeline("bess1").start_ms
    table = table_of(
        tiny_managers.store, "bess1", start_ms=start, end_ms=start + 3_600_000, fields=("bms_soc", "bms_current")
    )
    assert table.features == ("bms_soc", "bms_current")
    assert table.t_ms is not None
    assert np.all(table.t_ms < start + 3_600_000)
    with pytest.raises(NotKnown, match="bms_soc"):
        table_of(tiny_managers.store, "bess1", start_ms=None, end_ms=None, fields=("bms_sok",))


def test_a_meter_has_its_own_timeline(tiny_managers: Managers) -> None:
    table = table_of(tiny_managers.store, "m1", start_ms=None, end_ms=None, fields=None)
    assert table.features == ("active_power", "power_factor")


def test_too_long_a_span_is_refused(tiny_managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_ROWS", 100)
    with pytest.raises(BadParameter, match="narrow it"):
        table_of(tiny_managers.store, "bess1", start_ms=None, end_ms=None, fields=None)
    with pytest.raises(NotKnown, match="bess1"):
        table_of(tiny_managers.store, "bess", start_ms=None, end_ms=None, fields=None)
