"""Files as a reader finds them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bessline.demo.channels import Channel
from bessline.demo.exports import Folder, table_of
from bessline.demo.plant import STEPS
from bessline.demo.recorder import Rows
from bessline.signals import classify
from unit_tests.bessline.demo.conftest import Exports

LOCAL_START = 1_714_521_600  # 2024-05-01 00:00:00, read as if it were UTC


def test_a_file_has_its_header_and_fixed_decimals(day: Exports) -> None:
    """`ts` and the stem, naive stamps, and always the same number of decimals."""
    for stem, value in (("bms1_soc", r"\d+"), ("bms1_v", r"\d+\.\d"), ("bms1_p3_v17", r"\d\.\d{3}")):
        header, *rows = day.file(stem).read_text().splitlines()
        assert header == f"ts,{stem}"
        assert all(re.fullmatch(rf"2024-05-01 \d\d:\d\d:\d\d,{value}", row) for row in rows)


def test_the_unit_is_charging_at_its_start(day: Exports) -> None:
    """Discharge is positive everywhere, so current and power are negative and the meter's import is not."""
    for stem in ("bms1_c", "pcs1_ap", "pcs1_dcc"):
        assert (day.read(stem)["value"][:20] < -40).all()
    assert (day.read("com_ap", at="meter/m1")["value"][:10] > 60).all()


def test_the_smallest_median_step_of_bms_and_pcs_is_30_s(day: Exports) -> None:
    """So a signal folder's grid comes out at 30 s."""
    for prefix in ("bms1", "pcs1"):
        stems = [path.stem for path in day.path.glob(f"BESS/bess1/{prefix}_*.csv") if classify(path.stem)[0] != "cells"]
        assert min(float(np.median(np.diff(day.read(stem)["s"].to_numpy()))) for stem in stems) == 30.0


def test_every_signal_has_spoken_within_the_first_half_minute(day: Exports) -> None:
    """The first reading on the grid is complete."""
    for path in day.path.glob("*/*/*.csv"):
        first = path.read_text().splitlines()[1]
        assert "2024-05-01 00:00:01" <= first[:19] < "2024-05-01 00:00:30", path


def test_no_zero_has_a_sign(day: Exports) -> None:
    """An idle current reads 0.0."""
    text = day.file("bms1_c").read_text()
    assert ",0.0\n" in text
    assert ",-0.0\n" not in text


def test_the_exported_current_carries_the_exported_soc(day: Exports) -> None:
    """Charge from the rounded current at its own cadence, against the truth's SOC and capacity."""
    rows, truth = day.read("bms1_c"), day.device()
    hours = np.diff(np.append(rows["s"].to_numpy(), LOCAL_START + 86_400)) / 3600
    soc, capacity = truth["soc_percent"], truth["capacity_ah"]["start"]
    moved = (soc["end"] - soc["start"]) / 100 * capacity
    throughput = truth["charge_ah"]["in"] + truth["charge_ah"]["out"]
    assert -float((rows["value"].to_numpy() * hours).sum()) == pytest.approx(moved, abs=0.01 * throughput)


def test_pack_voltage_is_the_sum_of_the_cells(day: Exports) -> None:
    """From 260 files at their own stamps, in a stretch of rest, to a volt."""
    rest = LOCAL_START + 7 * 3600
    total = 0.0
    for path in (day.path / "BESS/bess1").glob("bms1_p?_v*.csv"):
        rows = day.read(path.stem)
        total += rows["value"][int(rows["s"].search_sorted(rest)) - 1]
    volts = day.read("bms1_v")
    assert total == pytest.approx(volts["value"][int(volts["s"].search_sorted(rest)) - 1], abs=0.5)


def test_voltage_and_soc_swing_as_in_the_plant(day: Exports) -> None:
    """SOC from 2 to 97 %, the pack between 815 and 875 V."""
    soc, volts = day.read("bms1_soc")["value"], day.read("bms1_v")["value"]
    assert (soc.min(), soc.max()) == (2.0, 97.0)
    assert volts.filter((volts < 815) | (volts > 875)).is_empty()


def test_days_are_appended_under_one_header(tmp_path: Path) -> None:
    """A second day adds rows, not another header."""
    channels = (Channel("bms1_soc", "soc", 0),)
    folder = Folder(tmp_path / "bess1", device_id="bess1", channels=channels, seed=1, faults=())
    for number in range(2):
        folder.write_day({"soc": np.full(STEPS, 41.0)}, day=number)
    lines = (tmp_path / "bess1" / "bms1_soc.csv").read_text().splitlines()
    assert sum(line.startswith("ts,") for line in lines) == 1
    assert lines[-1].startswith("2024-05-02 23:5")


def test_whole_numbers_are_written_whole() -> None:
    """41.0 % is written 41."""
    table = table_of(Rows(np.array([3]), np.array([41.0])), channel=Channel("bms1_soc", "soc", 0))
    assert table.write_csv(datetime_format="%Y-%m-%d %H:%M:%S") == "ts,bms1_soc\n2024-05-01 00:00:03,41\n"
