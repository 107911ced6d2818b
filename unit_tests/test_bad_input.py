"""Bad input, row by row as a user brings it: a clear message, a code of its own, the rest done, nothing lost."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bessline.cli import run
from bessline.managers import Managers
from bessline.store import Store
from unit_tests.api.client import Client

GOOD = "ts,bms1_v\n2024-05-01 00:00:00,832.5\n2024-05-01 00:00:30,832.6\n"


@dataclass(frozen=True, slots=True)
class Done:
    """What an ingest command left: its exit code, what it said, its store."""

    code: int
    said: str
    store: Path

    @property
    def rejects(self) -> str:
        """All rejected rows, as the reject files hold them."""
        return "".join(path.read_text() for path in sorted((self.store / "rejects").glob("*.csv")))

    def column(self, field: str) -> list[tuple[str, float | None]]:
        """The readings' values of one bms field of b1, with the time of day."""
        rows = [
            row for part in Managers(Store.open(self.store))["bms"].walk("b1", fields=[field]) for row in part.rows()
        ]
        return [(str(row["timestamp"])[11:19], row[field]) for row in rows]  # type: ignore[misc]


class Desk:
    """Somebody at a terminal in folder `home`, with an export of device b1 whose voltage is good."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys
        self.device = home / "export" / "BESS" / "b1"
        self.device.mkdir(parents=True)
        (self.device / "bms1_v.csv").write_text(GOOD)

    def ingest(self, soc: str | bytes | None = None, *options: str, zone: str = "UTC", source: str = "export") -> Done:
        """Put `soc` into the export as bms1_soc.csv and take the export in."""
        if soc is not None:
            (self.device / "bms1_soc.csv").write_bytes(soc if isinstance(soc, bytes) else soc.encode())
        store = self.home / "store"
        command = ["ingest", str(self.home / source), "--store", str(store), "--workers", "0", "--timezone", zone]
        with pytest.raises(SystemExit) as ended:
            run(_no_server, [*command, *options])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err + said.out
        return Done(int(ended.value.code or 0), said.err + said.out, store)


def _no_server(**_: Any) -> None:
    raise AssertionError("nobody asked for a server")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_an_empty_folder(desk: Desk) -> None:
    (desk.home / "empty").mkdir()
    done = desk.ingest(source="empty")
    assert done.code == 4
    assert str(desk.home / "empty") in done.said


@pytest.mark.parametrize(
    ("soc", "says"),
    [
        ("2024-05-01 00:00:00,41\n2024-05-01 00:01:00,42\n", "bms1_soc.csv:1: "),
        ("ts\n2024-05-01 00:00:00\n", "bms1_soc.csv:1: "),
        ("", "bms1_soc.csv:1: "),
    ],
    ids=["no header", "a missing column", "no bytes"],
)
def test_a_file_that_is_no_table_is_refused_and_the_rest_goes_on(desk: Desk, soc: str, says: str) -> None:
    done = desk.ingest(soc)
    assert done.code == 3
    assert says in done.said
    assert done.column("voltage")[0] == ("00:00:00", 832.5)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("yesterday,41", "yesterday"),
        ("2024-13-01 00:00:00,41", "2024-13-01"),
        ("2024-05-01 00:00:15,forty-one", "forty-one"),
        ("2024-05-01 00:00:15,41,7", "41,7"),
        ("2024-05-01 00:00:15,inf", "inf"),
        ("2024-05-01 00:0", "2024-05-01 00:0"),
    ],
)
def test_a_row_that_cannot_be_read_is_kept_with_its_line(desk: Desk, row: str, reason: str) -> None:
    """The good rows around it are served, and `check` counts it."""
    done = desk.ingest(f"ts,bms1_soc\n2024-05-01 00:00:00,40\n{row}\n2024-05-01 00:00:30,42\n")
    assert done.code == 0
    assert "bms1_soc.csv,3," in done.rejects
    assert reason in done.rejects
    assert "1 rejected" in done.said
    assert done.column("soc")[:2] == [("00:00:00", 40.0), ("00:00:30", 42.0)]


@pytest.mark.parametrize("word", ["unavailable", "-", ""])
def test_a_status_word_ends_the_value_before_it(desk: Desk, word: str) -> None:
    """It is no number and no reject: from there on there is no value."""
    done = desk.ingest(f"ts,bms1_soc\n2024-05-01 00:00:00,40\n2024-05-01 00:00:30,{word}\n2024-05-01 00:01:00,42\n")
    assert done.rejects == ""
    assert done.column("soc")[:3] == [("00:00:00", 40.0), ("00:00:30", None), ("00:01:00", 42.0)]


def test_mixed_offsets_and_a_bom(desk: Desk) -> None:
    """Every stamp with its own offset is taken at its word."""
    rows = "2024-05-01T08:00:00+08:00,40\n2024-05-01T00:00:30Z,41\n2024-05-01 02:01:00+02:00,42\n"
    done = desk.ingest("\ufeffts,bms1_soc\r\n" + rows, zone="Asia/Shanghai")
    assert (done.code, done.rejects) == (0, "")
    assert {("00:00:00", 40.0), ("00:00:30", 41.0), ("00:01:00", 42.0)} <= set(done.column("soc"))


def test_duplicate_and_backward_stamps(desk: Desk) -> None:
    """Sorted; exact duplicates are counted, and of two values for one stamp the later counts and the other is kept."""
    rows = ["00:01:00,42", "00:00:00,40", "00:00:30,41", "00:00:30,41", "00:01:00,43"]
    done = desk.ingest("ts,bms1_soc\n" + "".join(f"2024-05-01 {row}\n" for row in rows))
    assert "1 duplicates, 1 replaced" in done.said
    assert done.column("soc")[:3] == [("00:00:00", 40.0), ("00:00:30", 41.0), ("00:01:00", 43.0)]
    assert "42.0" in done.rejects


def test_a_repeated_local_hour(desk: Desk) -> None:
    """Two passes through it are an hour apart."""
    clock = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = "".join(f"2024-10-27 {time}:00,{n}\n" for n, time in enumerate(clock))
    (desk.device / "bms1_v.csv").unlink()
    done = desk.ingest("ts,bms1_soc\n" + rows, zone="Europe/Berlin")
    stamps = ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
    assert done.column("soc")[:6] == [(f"{time}:00", float(n)) for n, time in enumerate(stamps)]


def test_a_missing_local_hour(desk: Desk) -> None:
    """A stamp that no clock ever showed is rejected, and says why."""
    rows = "2024-03-31 01:30:00,1\n2024-03-31 02:30:00,2\n2024-03-31 03:30:00,3\n"
    done = desk.ingest("ts,bms1_soc\n" + rows, zone="Europe/Berlin")
    assert "bms1_soc.csv,3," in done.rejects
    assert "Europe/Berlin" in done.rejects
    assert ("01:30:00", 3.0) in done.column("soc")


@pytest.mark.parametrize("harm", ["truncated", "corrupt", "no Parquet"])
def test_a_broken_parquet(desk: Desk, harm: str) -> None:
    """It is named; nothing of it is served."""
    path = desk.home / "day.parquet"
    pq.write_table(pa.table({"t": pa.array(range(5000), pa.timestamp("s")), "v": pa.array(range(5000))}), path)
    whole = path.read_bytes()
    harmed = {"truncated": whole[:-200], "corrupt": whole[:4] + b"\xff" * 3000 + whole[3004:], "no Parquet": b"hello"}
    path.write_bytes(harmed[harm])
    described = desk.home / "d.yaml"
    described.write_text(
        "kind: wide_table\ntimestamp: t\ntimezone: UTC\ncolumns:\n  - {column: v, device: b1, topic: bms, field: soc}\n"
    )
    done = desk.ingest(None, "--describe", str(described), source="day.parquet")
    assert done.code == 3
    assert "day.parquet" in done.said


def test_a_wide_table_without_a_described_column(desk: Desk) -> None:
    (desk.home / "day.csv").write_text("t,volts\n2024-05-01 00:00:00,830\n")
    described = desk.home / "d.yaml"
    described.write_text(
        "kind: wide_table\ntimestamp: t\ntimezone: UTC\n"
        "columns:\n  - {column: volt, device: b1, topic: bms, field: voltage}\n"
    )
    done = desk.ingest(None, "--describe", str(described), source="day.csv")
    assert done.code == 3
    assert "'volt'" in done.said
    assert "did you mean 'volts'" in done.said


def test_a_file_that_is_a_directory(desk: Desk) -> None:
    (desk.device / "bms1_soc.csv").mkdir()
    done = desk.ingest()
    assert done.code == 3
    assert "bms1_soc.csv" in done.said
    assert done.column("voltage")


def test_a_file_that_may_not_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as root, who may read everything: the refusal is the system's, played here."""
    (desk.device / "bms1_soc.csv").write_text(GOOD)
    opened = Path.open

    def refusing(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "bms1_soc.csv":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    done = desk.ingest()
    assert done.code == 3
    assert "bms1_soc.csv" in done.said
    assert "ermission denied" in done.said
    assert done.column("voltage")


def test_stamps_without_a_zone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says how to give one."""
    with pytest.raises(SystemExit) as ended:
        run(_no_server, ["ingest", str(desk.home / "export"), "--store", str(desk.home / "s")])
    assert ended.value.code == 5
    assert "--timezone Europe/Berlin" in capsys.readouterr().err


def test_a_read_only_store(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the way out; nothing is half written."""

    def refuse(*_: Any, **__: Any) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("bessline.store.lock.os.open", refuse)
    done = desk.ingest()
    assert done.code == 13
    assert "--store" in done.said


@pytest.mark.parametrize("path", ["/bms/nobody", "/pcs/nobody", "/bess/nobody/stream", "/meters/bess1"])
def test_an_unknown_device(server: Client, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code == 404
    assert "no " in answer.json()["detail"]


@pytest.mark.parametrize("part", ["..", ".", "../..", "..\\..", "\0", "a" * 5000])
@pytest.mark.parametrize(
    "path", ["/bms/{}", "/bms/{}/stream", "/meters/{}", "/{}/bess1", "/dashboard/{}", "/static/{}/main.py"]
)
def test_dots_in_any_part_of_a_path(server: Client, path: str, part: str) -> None:
    """As a server decodes them, `%2e%2e` included: never a file from elsewhere, but 404 with a problem."""
    assert server.raw(path.format(part)) == 404


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"batch_size": "0"}, "batch_size"),
        ({"batch_size": "-1"}, "batch_size"),
        ({"batch_size": "1e9"}, "batch_size"),
        ({"batch_size": "abc"}, "batch_size"),
        ({"start": "2024-05-01T00:00:00"}, "2024-05-01T00:00:00Z"),
        ({"start": "2024-05-02", "end": "2024-05-01"}, "end"),
        ({"nonsense": "1"}, "nonsense"),
    ],
)
def test_a_bad_query(server: Client, query: dict[str, str], says: str) -> None:
    """422 that names the parameter and how to write it."""
    assert says in server.refused("/bms/bess1", **query)
