"""Where values go, as every kind of description says it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bessline.errors import DescriptionError, SourceError
from bessline.sources import Rows, open_source
from bessline.sources.described import Target, checked_target
from unit_tests.bessline.sources.conftest import Write

ROOT = Path(__file__).resolve().parents[3]
OWN = Target(device="{file}", topic="meter", field="active_power")


def test_a_device_may_be_named_by_its_file() -> None:
    """Many files of one make, one description."""
    assert str(checked_target(OWN, prefix="site-", file=Path("Library.csv"))) == "site-Library/meter.active_power"


def test_a_file_whose_name_is_no_device_id_is_refused() -> None:
    """The file is at fault, not the description."""
    with pytest.raises(SourceError, match="rename the file"):
        checked_target(OWN, prefix="", file=Path("Main building.csv"))
    with pytest.raises(DescriptionError, match="prefix"):
        checked_target(OWN.model_copy(update={"device": "m1"}), prefix="a b", file=Path("x.csv"))


def test_one_bad_name_does_not_stop_the_others(write: Write, tmp_path: Path) -> None:
    said = "kind: wide_table\ntimestamp: ts\ncolumns:\n"
    said += '  - {column: kw, device: "{file}", topic: meter, field: active_power}\n'
    for name in ("a.csv", "b c.csv"):
        write(f"meters/{name}", "ts,kw\n2024-05-01 00:00:00Z,1\n")
    source = open_source(tmp_path / "meters", describe=write("d.yaml", said))
    assert [job.signals[0].device_id for job in source.jobs] == ["a"]
    assert "rename the file" in str(source.refused[0])


@pytest.mark.real
def test_the_meters_of_a_campus(shared_data: Path) -> None:
    """Two files, two devices, every row in UTC."""
    source = open_source(shared_data / "uncg_campus_meters", describe=ROOT / "examples" / "campus_meters.yaml")
    assert [job.signals[0].device_id for job in source.jobs] == ["Eberhart_results", "JacksonLibraryTower_results"]
    parts = [part for part in source.jobs[0].read() if isinstance(part, Rows)]
    t_ms = np.concatenate([part.t_ms for part in parts])
    assert str(np.datetime64(int(t_ms[0]), "ms")) == "2015-06-01T04:00:00.000"
    assert len(t_ms) == len(source.jobs[0].file.read_bytes().splitlines()) - 1
