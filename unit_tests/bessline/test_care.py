"""The commands of care: exit codes and words."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessline import cli
from bessline.analyst.database import FILE
from bessline.care import DAMAGED, LOST, REPAIRED
from bessline.errors import BadParameter
from bessline.store import ingest
from bessline.store.manifest_file import COPY, MANIFEST, read_manifest, write_manifest
from unit_tests.plants import signal_job, source_of


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_store, tmp_path / "store"))


def ends(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda **_: None, ["verify", *map(str, arguments)])
    return int(ended.value.code or 0)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_whole_damaged_repaired_whole(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0, 15, 16, 0."""
    assert ends(store) == 0
    name = read_manifest(store).devices["bess1"].topics["bms"].timeline
    flip(store / name)
    assert ends(store) == DAMAGED == 15
    assert name in capsys.readouterr().out
    assert ends(store, "--repair") == REPAIRED == 16
    assert "quarantine" in capsys.readouterr().out
    assert ends(store) == 0


def test_what_cannot_be_had_again_is_said(store: Path, tmp_path: Path) -> None:
    """17 for a part; 15 without a manifest and its copy."""
    manifest = read_manifest(store)
    entry = manifest.devices["bess1"].signals["bms.soc"]
    (store / entry.file).write_bytes(b"")
    code = ends(store, "--repair")
    assert code == REPAIRED
    (store / MANIFEST).write_text("{}")
    (store / COPY).unlink()
    assert ends(store, "--repair") == DAMAGED
    assert LOST == 17


@pytest.mark.parametrize(("name", "break_it"), [(MANIFEST, flip), (MANIFEST, Path.unlink), (COPY, flip)])
def test_a_manifest_and_its_copy_are_made_from_each_other(
    store: Path, name: str, break_it: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """And what the manifest names is looked at then, too."""
    manifest = read_manifest(store)
    flip(store / manifest.devices["bess1"].topics["bms"].timeline)
    break_it(store / name)
    assert ends(store) == DAMAGED
    assert f"{name}: " in capsys.readouterr().out
    assert ends(store, "--repair") == REPAIRED
    assert ends(store) == 0
    assert read_manifest(store).store_id == read_manifest(store, name=COPY).store_id == manifest.store_id


def test_a_copy_of_an_earlier_swap_is_made_anew(store: Path) -> None:
    """An earlier version leaves it as it was; the files that it names may be gone."""
    manifest = read_manifest(store)
    write_manifest(store, replace(manifest, generation=manifest.generation - 1))
    earlier = (store / COPY).read_bytes()
    write_manifest(store, manifest)
    (store / COPY).write_bytes(earlier)
    assert ends(store, "--repair") == REPAIRED
    assert read_manifest(store, name=COPY) == manifest
    assert ends(store) == 0


def test_damaged_analytics_are_begun_anew(store: Path) -> None:
    """The database goes to quarantine: what it held is found again."""
    with sqlite3.connect(store / FILE) as connection:
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    assert ends(store) == 0
    (store / FILE).write_bytes(b"no database, that is certain" * 400)
    assert ends(store) == DAMAGED
    assert ends(store, "--repair") == REPAIRED
    assert not (store / FILE).exists()
    assert (store / "quarantine" / FILE).exists()


def test_compact_says_what_it_did(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And changes nothing of a store that is compact."""
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda **_: None, ["compact", str(store)])
    assert not ended.value.code
    assert "0 devices written anew" in capsys.readouterr().out


def test_compaction_says_what_it_dropped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And refuses an age that it does not understand."""
    t_s = np.arange(0, 4 * 86_400, 3600)
    ingest(
        [source_of(tmp_path / "raw", signal_job(tmp_path / "raw", "b1/bms.soc", t_s, (t_s % 90).astype(np.float64)))],
        tmp_path / "s",
        workers=0,
    )
    for keep, code in (("raw=1d", 0), ("raw=soon", BadParameter.exit_code)):
        with pytest.raises(SystemExit) as ended:
            cli.run(lambda **_: None, ["compact", str(tmp_path / "s"), "--keep", keep])
        assert int(ended.value.code or 0) == code
    said = capsys.readouterr()
    assert "48 values too old dropped" in said.out
    assert "write LEVEL=AGE, as raw=400d" in said.err
