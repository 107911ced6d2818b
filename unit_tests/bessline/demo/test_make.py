"""Making a whole plant."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from bessline.demo import make_demo
from bessline.demo.faults import KINDS, Fault, FaultWindow
from bessline.demo.make import write_plant
from bessline.demo.plant import Plant, standard_plant
from bessline.demo.site import SiteDay
from bessline.errors import BadParameter
from bessline.sources.base import Float64, Int64
from unit_tests.bessline.demo.conftest import Exports


def prints(path: Path) -> dict[str, str]:
    """Fingerprints of all files under `path`."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {str(file.relative_to(path)): hashlib.blake2b(file.read_bytes()).hexdigest() for file in files}


def small(path: Path, *, seed: int = 1, days: int = 1, kinds: tuple[type[Fault], ...] = ()) -> dict[str, str]:
    path.mkdir()
    plant = standard_plant(days=days, devices=2, seed=seed, packs=1, per_pack=3)
    write_plant(path, plant, faults=[kind(plant) for kind in kinds])
    return prints(path)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """A plant is what its arguments say, another seed is another plant."""
    first, again, other = (small(tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert first == again
    same = {name for name in first if first[name] == other[name]}
    assert "BESS/bess1/bms1_c.csv" not in same
    assert "meter/m1/com_ap.csv" not in same


def test_the_same_faults_give_the_same_bytes(tmp_path: Path) -> None:
    """All kinds at their places in a week."""
    kinds = tuple(kind for kind in KINDS if kind.name != "resistance_rise")
    first, again = (small(tmp_path / name, days=7, kinds=kinds) for name in ("a", "b"))
    assert first == again
    assert len(json.loads((tmp_path / "a" / "truth.json").read_text())["faults"]) == 7


def test_a_longer_plant_begins_like_a_shorter_one(tmp_path: Path) -> None:
    """Days are only added at the end."""
    small(tmp_path / "one", days=1)
    small(tmp_path / "two", days=2)
    for name in ("BESS/bess2/bms1_v.csv", "BESS/bess1/bms1_p1_v2.csv", "meter/m2/pos_ae.csv"):
        assert (tmp_path / "two" / name).read_bytes().startswith((tmp_path / "one" / name).read_bytes())


def test_the_layout_is_that_of_the_exports(day: Exports) -> None:
    """One folder a device, one file a signal, about 590 of them for a unit with cells."""
    assert sorted(path.name for path in day.path.iterdir()) == ["BESS", "bessline.yaml", "meter", "truth.json"]
    assert sorted(path.name for path in (day.path / "meter").iterdir()) == ["m1", "m2"]
    assert len(list((day.path / "BESS/bess1").iterdir())) == 593


def test_the_description_says_the_zone(day: Exports) -> None:
    """The stamps do not."""
    described = yaml.safe_load((day.path / "bessline.yaml").read_text())
    assert described == {"kind": "signal_folder", "timezone": "Asia/Shanghai"}


def test_the_grid_meter_balances_the_site(tmp_path: Path) -> None:
    """m1 takes what the load, the units and their auxiliaries take, less the photovoltaics: none at night."""
    small(tmp_path / "plant")
    plant = Exports(tmp_path / "plant")

    def at(stem: str, folder: str) -> float:
        rows = plant.read(stem, at=folder)
        return float(rows["value"][int(rows["s"].search_sorted(rows["s"][0] + 3600)) - 1])

    units = sum(at("aux_m_ap", f"BESS/{unit}") - at("pcs1_ap", f"BESS/{unit}") for unit in ("bess1", "bess2"))
    assert at("com_ap", "meter/m1") == pytest.approx(at("com_ap", "meter/m2") + units, abs=4.0)


def test_progress_ends_at_its_total(tmp_path: Path) -> None:
    """One call a unit and day."""
    seen: list[tuple[str, int, int]] = []
    make_demo(tmp_path / "plant", days=1, devices=2, progress=lambda *step: seen.append(step))
    assert [step[1:] for step in seen] == [(1, 2), (2, 2)]


def test_without_faults_no_cell_stands_out(tmp_path: Path, day: Exports) -> None:
    """`none` leaves out the weak cell; nothing is said of faults."""
    make_demo(tmp_path / "plant", days=1, devices=1, faults="none")
    healthy = Exports(tmp_path / "plant")
    assert healthy.truth["faults"] == []
    assert healthy.read("bms1_cell_v_diff")["value"].max() < 0.035  # type: ignore[operator]
    assert day.read("bms1_cell_v_diff")["value"].max() > 0.035  # type: ignore[operator]
    assert [fault["kind"] for fault in day.truth["faults"]] == ["weak_cell"]


@pytest.mark.parametrize(("name", "value"), [("days", 0), ("days", -1), ("devices", 0), ("devices", 100), ("seed", -1)])
def test_a_number_out_of_range_is_refused(tmp_path: Path, name: str, value: int) -> None:
    """And nothing is written."""
    numbers = {name: value}
    with pytest.raises(BadParameter, match=f"{name} is {value}"):
        make_demo(tmp_path / "plant", **numbers)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_named_fault_needs_its_days(tmp_path: Path) -> None:
    """And nothing is written."""
    with pytest.raises(BadParameter, match="'cooling_fault' needs 7 days and there are 2"):
        make_demo(tmp_path / "plant", days=2, faults="cooling_fault")
    assert list(tmp_path.iterdir()) == []


class Everything(Fault):
    """A fault with all hooks, to see that each is asked."""

    name = "everything"

    def __init__(self, plant: Plant, *, first_day: int = 0) -> None:
        self._span_s = plant.span_s

    def windows(self) -> tuple[FaultWindow, ...]:
        return (FaultWindow(self.name, {"share": 0.25}, {"device_id": "m2"}, 0, self._span_s),)

    def site(self, site: SiteDay, *, day: int) -> SiteDay:
        return SiteDay(load_kw=site.load_kw * 1.25, pv_kw=site.pv_kw)

    def observe(self, value: Float64, *, device_id: str, stem: str, t_s: Int64) -> Float64:
        return np.full_like(value, 3.3) if (device_id, stem) == ("bess1", "bms1_p1_v2") else value


def test_a_fault_reaches_the_site_the_sensors_and_the_truth(tmp_path: Path) -> None:
    """One object of one class is all that a new fault needs."""
    small(tmp_path / "right")
    small(tmp_path / "wrong", kinds=(Everything,))
    right, wrong = Exports(tmp_path / "right"), Exports(tmp_path / "wrong")
    load = [float(plant.read("com_ap", at="meter/m2")["value"].sum()) for plant in (right, wrong)]
    assert load[1] == pytest.approx(1.25 * load[0], rel=1e-3)
    assert wrong.read("bms1_p1_v2")["value"].unique().to_list() == [3.3]
    assert wrong.read("bms1_p1_v3")["value"].n_unique() > 50
    assert json.loads((tmp_path / "wrong" / "truth.json").read_text())["faults"][0]["kind"] == "everything"
