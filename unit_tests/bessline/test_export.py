"""Export to a file: the same bytes as the server's, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bessline import export as export_module
from bessline.errors import BadParameter, BesslineError, CannotWrite, NotKnown
from bessline.export import Wanted, export
from bessline.formats import EXPORTS
from bessline.managers import Managers
from unit_tests.api.client import Client

SAFETY = Wanted("bess1", "safety", fields="fa1_smoke_flag, fa1_co", start="2024-05-01", end="2024-05-01T12:00:00Z")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_is_what_the_server_gives(tiny_managers: Managers, server: Client, tmp_path: Path, name: str) -> None:
    """By the name of the file, or by format."""
    wanted = server.get(
        f"/safety/bess1.{name}", fields="fa1_co,fa1_smoke_flag", start="2024-05-01", end="2024-05-01T12:00:00Z"
    )
    size = export(tiny_managers, SAFETY, tmp_path / f"x.{name}")
    assert (tmp_path / f"x.{name}").read_bytes() == wanted.content
    assert size == len(wanted.content) > 1000
    export(tiny_managers, replace(SAFETY, format=name), tmp_path / "x.dat")
    assert (tmp_path / "x.dat").read_bytes() == wanted.content


def test_ages_come_along(tiny_managers: Managers, tmp_path: Path) -> None:
    export(tiny_managers, replace(SAFETY, ages=True), tmp_path / "x.parquet")
    assert pl.read_parquet(tmp_path / "x.parquet").columns[-1] == "ages_s"


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"device_id": "bess9"}, NotKnown, "no safety device 'bess9'"),
        ({"topic": "bmss"}, NotKnown, "did you mean 'bms'"),
        ({"fields": "fa1_cu"}, NotKnown, "did you mean 'fa1_co'"),
        ({"format": "json"}, BadParameter, "ndjson, csv, parquet, arrow"),
        ({"format": "xlsx"}, BadParameter, "no format 'xlsx'"),
        ({"start": "2024-05-01T00:00:00"}, BadParameter, "has no zone"),
        ({"end": "2024-04-01"}, BadParameter, "end is before start"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(
    tiny_managers: Managers, tmp_path: Path, changes: dict[str, str], error: type[BesslineError], says: str
) -> None:
    with pytest.raises(error, match=says):
        export(tiny_managers, replace(SAFETY, **changes), tmp_path / "x.csv")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(tiny_managers: Managers, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"missing/x\.csv: cannot be written \(No such file"):
        export(tiny_managers, SAFETY, tmp_path / "missing" / "x.csv")


def test_an_export_that_breaks_off_leaves_the_old_file(
    tiny_managers: Managers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no half of a new one."""
    (tmp_path / "x.csv").write_text("old")

    def full(*_: object, **__: object) -> object:
        yield b"half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export_module, "encoded", full)
    with pytest.raises(CannotWrite, match="No space left"):
        export(tiny_managers, SAFETY, tmp_path / "x.csv")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.csv", "old")]
