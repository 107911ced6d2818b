"""The command line: each command does its work, each refusal is a sentence with an exit code of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bessline import __version__
from bessline.cli import run
from bessline.store import Store
from bessline.store.lock import writing

ROOT = Path(__file__).resolve().parents[2]


def _refuse(**_: Any) -> None:
    raise AssertionError("serve was not meant")


def _run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        run(_refuse, [str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def _export(folder: Path, rows: str, name: str = "bms1_soc") -> Path:
    file = folder / "BESS" / "b1" / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"ts,{name}\n{rows}")
    return folder


GOOD = "2024-05-01 00:00:00,41\n2024-05-01 00:01:00,42\n"


def test_ingest_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder becomes a store, and check says what is in it, the zone included."""
    source = _export(tmp_path, GOOD)
    assert _run("ingest", source, "--timezone", "Asia/Shanghai", "--store", tmp_path / "s", "--workers", "0") == 0
    assert "1 files, 2 rows" in capsys.readouterr().out
    assert _run("check", tmp_path / "s") == 0
    said = capsys.readouterr().out
    assert "b1: readings, local days in Asia/Shanghai" in said
    assert "2024-04-30T16:00:00.000Z" in said


def test_export_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was taken in comes out, in the format that the file's name says."""
    source, out = _export(tmp_path, GOOD), tmp_path / "soc.csv"
    _run("ingest", source, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0")
    wish = ("export", "b1", "bms", "--store", tmp_path / "s", "--fields", "soc", "--end", "2024-05-02")
    assert _run(*wish, "--out", out) == 0
    assert out.read_text().splitlines()[:3] == [
        "timestamp,soc",
        "2024-05-01T00:00:00.000Z,41.0",
        "2024-05-01T00:01:00.000Z,42.0",
    ]
    assert f"{out}: " in capsys.readouterr().out
    assert _run("export", "b2", "bms", "--store", tmp_path / "s", "--out", out) == 20
    assert _run(*wish, "--out", tmp_path / "no" / "soc.csv") == 21


def test_check_of_a_source_leaves_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A source is checked as it stands."""
    source = _export(tmp_path / "in", GOOD)
    assert _run("check", source, "--timezone", "UTC", "--workers", "0") == 0
    assert "bms.soc" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_refused_file_ends_with_3_and_the_rest_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bad file is named with its line; the good one is in the store."""
    source = _export(tmp_path, GOOD)
    (tmp_path / "BESS" / "b1" / "bms1_v.csv").write_text("")
    assert _run("ingest", source, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0") == 3
    assert "bms1_v.csv:1: " in capsys.readouterr().err
    assert "bms.soc" in Store.open(tmp_path / "s").devices["b1"].signals


def test_what_is_told_of_many_files_is_cut_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line, which says what was done, is not lost behind ten thousand others."""
    for n in range(25):
        _export(tmp_path / "in", GOOD, f"bms1_p1_v{n + 1}").joinpath("BESS/b1", f"bms1_p1_v{n + 1}.csv").write_text(
            f"ts,other\n{GOOD}"
        )
    _run("ingest", tmp_path / "in", "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0")
    said = capsys.readouterr().err
    assert said.count("the header calls the signal 'other'") == 20
    assert "note: 5 more" in said


def test_files_that_are_not_looked_into_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A packed signal is no reason to fail, but whoever thinks that it was taken in must hear of it."""
    source = _export(tmp_path / "in", GOOD)
    (source / "BESS" / "b1" / "bms1_v.csv.gz").write_bytes(b"")
    assert _run("ingest", source, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0") == 0
    said = capsys.readouterr().err
    assert "left aside" in said
    assert "1 .gz" in said
    assert "bms1_v.csv.gz" in said


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ingest", "{empty}", "--timezone", "UTC"], 4, "error: "),
        (["ingest", "{export}"], 5, "--timezone Europe/Berlin"),
        (["ingest", "{export}", "--timezone", "Europe/Berln"], 3, "Europe/Berlin"),
        (["ingest", "{export}", "--timezone", "UTC", "--store", "{file}"], 10, "File exists"),
        (["check", "{empty}"], 4, "error: "),
        (["demo", "--out", "{export}"], 3, "error: "),
        (["demo", "--out", "{empty}/x", "--faults", "earthquake"], 2, "weak"),
        (["ingest"], 2, "Missing argument"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_every_refusal_is_a_sentence_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    """No traceback reaches the user."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    names = {"empty": tmp_path / "empty", "export": _export(tmp_path / "export", GOOD), "file": tmp_path / "file"}
    assert _run(*(argument.format(**names) for argument in arguments)) == code
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_a_locked_store_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _export(tmp_path / "in", GOOD)
    with writing(tmp_path / "s"):
        assert _run("ingest", source, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0") == 12
    assert "another ingest is writing" in capsys.readouterr().err


def test_every_option_has_its_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not said on the command line may stand in the environment."""
    source = _export(tmp_path / "in", GOOD)
    monkeypatch.setenv("BESSLINE_STORE", str(tmp_path / "s"))
    monkeypatch.setenv("BESSLINE_TIMEZONE", "UTC")
    monkeypatch.setenv("BESSLINE_WORKERS", "0")
    monkeypatch.setenv("BESSLINE_PREFIX", "north-")
    assert _run("ingest", source) == 0
    assert list(Store.open(tmp_path / "s").devices) == ["north-b1"]


def test_no_command_means_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python main.py` and `python main.py --port 9000` serve."""
    seen: list[dict[str, Any]] = []
    for arguments in ([], ["--port", "9000"], ["serve", "--data", "a", "--data", "b"]):
        with pytest.raises(SystemExit):
            run(lambda **options: seen.append(options), arguments)
    assert [options["port"] for options in seen] == [8002, 9000, 8002]
    assert seen[2]["data"] == [Path("a"), Path("b")]


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("version") == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_a_log_gets_plain_lines(tmp_path: Path) -> None:
    """Without a terminal the progress is lines, not control characters."""
    done = subprocess.run(
        [sys.executable, "main.py", "demo", "--out", tmp_path / "d", "--days", "1", "--devices", "1"],
        cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "error"}, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    assert "1/1 demo plant" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout


@pytest.mark.parametrize("kills", [3])
def test_a_killed_ingest_goes_on(tiny_plant: Path, tmp_path: Path, kills: int) -> None:
    """kill -9 while files are read: the store opens or has not begun, and the next run completes it."""
    command = [sys.executable, "main.py", "ingest", str(tiny_plant), "--store", str(tmp_path / "s")]
    for files in range(1, kills + 1):
        with subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as victim:
            assert victim.stderr is not None
            for _ in range(files):
                victim.stderr.readline()
            victim.kill()
        Store.open(tmp_path / "s")
    assert _run("ingest", tiny_plant, "--store", tmp_path / "s", "--workers", "0") == 0
    assert _run("ingest", tiny_plant, "--store", tmp_path / "t", "--workers", "0") == 0
    killed, undisturbed = Store.open(tmp_path / "s"), Store.open(tmp_path / "t")
    for device_id, device in undisturbed.devices.items():
        again = killed.devices[device_id]
        assert {n: s.rows for n, s in again.signals.items()} == {n: s.rows for n, s in device.signals.items()}
        assert {n: t.rows for n, t in again.topics.items()} == {n: t.rows for n, t in device.topics.items()}


def test_the_same_files_from_another_folder_are_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the path was typed does not matter."""
    source = _export(tmp_path / "in", GOOD)
    for folder, path in ((tmp_path, source), (tmp_path, Path("in")), (source, Path())):
        monkeypatch.chdir(folder)
        assert _run("ingest", path, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0") == 0
    assert capsys.readouterr().out.count("1 files unchanged") == 2


def test_nothing_but_rejected_rows_is_a_failure(tmp_path: Path) -> None:
    """A file all of whose rows are rejected was not taken in."""
    source = _export(tmp_path / "in", "2024-05-01 00:00:00,x\n")
    assert _run("ingest", source, "--timezone", "UTC", "--store", tmp_path / "s", "--workers", "0") == 3
