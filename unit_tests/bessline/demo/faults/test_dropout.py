"""Rows that are not there."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from bessline.demo.faults.dropout import Dropout
from bessline.demo.make import write_plant
from bessline.demo.plant import standard_plant
from unit_tests.bessline.demo.conftest import Exports

ZONE_S = 8 * 3600
#: One whose dropouts fall on the converter's transistors.
SEED = next(
    seed
    for seed in range(100)
    if Dropout(standard_plant(days=1, devices=1, seed=seed, packs=1, per_pack=1)).stem == "pcs1_t_igbt"
)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """Five days of a unit of three cells with nothing but the dropout."""
    path = tmp_path_factory.mktemp("dropout")
    plant = standard_plant(days=5, devices=1, seed=SEED, packs=1, per_pack=3)
    write_plant(path, plant, faults=(Dropout(plant),))
    return Exports(path)


def rows_within(plant: Exports, stem: str, window: dict[str, str]) -> int:
    start, end = (int(datetime.fromisoformat(window[at]).timestamp()) + ZONE_S for at in ("start", "end"))
    seconds = plant.read(stem)["s"]
    return int(((seconds >= start) & (seconds < end)).sum())


def test_windows_match_the_missing_rows(plant: Exports) -> None:
    """3 h of everything, 12 h of one signal, and their neighbours go on."""
    whole, single = plant.truth["faults"]
    assert [rows_within(plant, stem, whole) for stem in ("bms1_v", "bms1_p1_t2", "fa3_Level", "pcs1_t_igbt")] == [0] * 4
    assert rows_within(plant, "pcs1_t_igbt", single) == 0
    assert rows_within(plant, "pcs1_t_a", single) > 600


def test_windows_are_as_long_as_they_say(plant: Exports) -> None:
    """Not shorter, not longer: the rows before and after lie within the small holes of the network."""
    whole, single = plant.truth["faults"]
    for stem, window, hours in (("bms1_v", whole, 3), ("pcs1_t_igbt", single, 12)):
        longest = int(np.diff(plant.read(stem)["s"].to_numpy()).max())
        assert window["size"] == {"hours": hours}
        assert hours * 3600 <= longest < hours * 3600 + 700


def test_where_is_told_by_the_names_of_the_contract(plant: Exports) -> None:
    """A device, and for the second a topic and a field."""
    assert [fault["where"] for fault in plant.truth["faults"]] == [
        {"device_id": "bess1"},
        {"device_id": "bess1", "topic": "pcs", "field": "temp_igbt"},
    ]


def test_a_span_too_short_has_no_window() -> None:
    """A fault that did not happen is not in the truth."""
    windows = [len(Dropout(standard_plant(days=days, devices=1, seed=SEED)).windows()) for days in (2, 3, 5)]
    assert windows == [0, 1, 2]


def test_rows_are_missing_only_where_the_truth_says_so() -> None:
    """A window that does not fit hides nothing."""
    fault = Dropout(standard_plant(days=4, devices=1, seed=SEED))
    assert fault.hidden("bess1", stem="pcs1_t_igbt") == (fault.device_span,)


def test_the_small_plant_wrote_its_truth(plant: Exports, tmp_path: Path) -> None:
    """Meters are no part of the device: they have rows all the time."""
    whole = plant.truth["faults"][0]
    start, end = (int(datetime.fromisoformat(whole[at]).timestamp()) + ZONE_S for at in ("start", "end"))
    seconds = plant.read("com_ap", at="meter/m1")["s"]
    assert int(((seconds >= start) & (seconds < end)).sum()) > 150
    assert json.loads((plant.path / "truth.json").read_text())["devices"].keys() == {"bess1"}
