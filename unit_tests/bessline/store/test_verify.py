"""Verification: whole is said of what is whole, and damage is named."""

import shutil
from pathlib import Path

import pytest

from bessline.errors import StoreMissing
from bessline.store.manifest_file import MANIFEST, read_manifest
from bessline.store.verify import verify


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_store, tmp_path / "store"))


def test_a_whole_store_is_whole(store: Path) -> None:
    """Every file that the manifest names is looked at, and the manifest; progress is told."""
    told: list[str] = []
    found = verify(store, tell=lambda name, _done, _total: told.append(name))
    assert (found.damages, found.notes, found.unsigned) == ([], [], 0)
    assert set(told) == read_manifest(store).referenced()
    assert found.files == len(told) + 1


def test_damage_is_named_with_what_it_is(store: Path) -> None:
    """A changed byte, a missing file, a file of another signal."""
    device = read_manifest(store).devices["bess1"]
    soc, voltage, current = (device.signals[f"bms.{name}"] for name in ("soc", "voltage", "current"))
    data = bytearray((store / soc.file).read_bytes())
    data[100] ^= 1
    (store / soc.file).write_bytes(data)
    (store / str(voltage.pyramid)).unlink()
    shutil.copy(store / device.topics["env"].timeline, store / device.topics["bms"].timeline)
    found = {damage.file: damage for damage in verify(store).damages}
    assert found[soc.file].of == "bms.soc"
    assert "row group 0" in found[soc.file].reason
    assert found[str(voltage.pyramid)].kind == "pyramid"
    assert current.file not in found
    assert set(found) - {device.topics["bms"].timeline} == {soc.file, voltage.pyramid}


def test_a_damaged_manifest_is_the_only_finding(store: Path) -> None:
    """Nothing can be said of what it names."""
    path = store / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"bess1"', b'"bess9"', 1))
    (damage,) = verify(store).damages
    assert (damage.kind, damage.file) == ("manifest", MANIFEST)


def test_a_folder_without_a_store_is_said(tmp_path: Path) -> None:
    """It is not called whole."""
    with pytest.raises(StoreMissing):
        verify(tmp_path)
