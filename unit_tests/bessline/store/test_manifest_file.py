"""The file of the manifest: swapped in whole, and refused where it is not exactly what a manifest is."""

import errno
import hashlib
from contextlib import nullcontext
from dataclasses import replace
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import orjson
import pytest

from bessline.errors import StoreDamaged, StoreMissing
from bessline.store import manifest_file
from bessline.store.durable import write_atomically
from bessline.store.intake import open_or_begin
from bessline.store.manifest import DeviceEntry, Manifest
from bessline.store.manifest_file import COPY, MANIFEST, read_manifest, write_manifest
from unit_tests.bessline.store.test_manifest import FILE, SIGNAL, TOPIC

#: The checksum that an earlier version gave `TODAY`.
DIGEST = b"05d76b8c94183bcecb738888d95f7060"
#: As the first version wrote it, when an entry had fewer keys.
EARLIER = (
    b'{"format":1,"store_id":"5708e001","generation":3,"devices":{"b1":{"timezone":null,"signals":{"bms.soc":'
    b'{"file":"a","bytes":1,"rows":2,"markers":0,"start_ms":0,"end_ms":1,"period_s":30.4,"gaps":0,"gap_s":0.0,'
    b'"low":0.0,"high":1.0,"out_of_range":0}},"topics":{"bms":{"period_s":30.0,"whole_rows":false,"timeline":"t",'
    b'"rows":2,"start_ms":0,"end_ms":1,"coverage":1.0}}}},"files":{"f":{"size":9,"mtime_ns":1,"reading":"r","signals":'
    b'["b1/bms.soc"],"rows":2,"duplicates":1,"conflicts":0,"rejected":1,"reject_files":["r1"],"notes":{"odd":1}}}}'
)
#: The same as it is written today.
TODAY = (
    b'{"format":1,"store_id":"5708e001","generation":3,"sealed":0,"devices":{"b1":{"timezone":null,"signals":'
    b'{"bms.soc":{"file":"a","bytes":1,"rows":2,"markers":0,"start_ms":0,"end_ms":1,"period_s":30.4,"gaps":0,'
    b'"gap_s":0.0,"low":0.0,"high":1.0,"out_of_range":0,"hold_s":null,"pyramid":null,"kept_from":{},"began_ms":null}},'
    b'"topics":{"bms":{"period_s":30.0,"whole_rows":false,"timeline":"t","rows":2,"start_ms":0,"end_ms":1,'
    b'"coverage":1.0}},"live":false}},"files":{"f":{"size":9,"mtime_ns":1,"reading":"r","signals":["b1/bms.soc"],'
    b'"rows":2,"duplicates":1,"conflicts":0,"rejected":1,"reject_files":["r1"],"notes":{"odd":1},"opened":{},'
    b'"mark":""}}}'
)
DEVICE = DeviceEntry(timezone=None, signals={"bms.soc": SIGNAL}, topics={"bms": TOPIC})
WHOLE = Manifest(store_id="5708e001", generation=3, devices={"b1": DEVICE}, files={"f": FILE})


def _put(store: Path, body: Any) -> None:
    digest = hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    (store / MANIFEST).write_bytes(orjson.dumps({"blake2b": digest, "manifest": body}))


def _entry(body: Any, where: str) -> Any:
    return reduce(getitem, where.split(), body)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The manifest round-trips, its copy, too, and no temporary file stays."""
    write_manifest(tmp_path, WHOLE)
    assert read_manifest(tmp_path) == read_manifest(tmp_path, name=COPY) == WHOLE
    assert sorted(path.name for path in tmp_path.iterdir()) == [COPY, MANIFEST]


@pytest.mark.parametrize("refused", [MANIFEST, COPY])
def test_a_copy_is_never_of_an_earlier_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    """Files that it names may be gone. Where the disk is full there is none, and the manifest is in force or not."""

    def full(path: Path, data: bytes) -> None:
        if path.name == refused:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_atomically(path, data)

    write_manifest(tmp_path, WHOLE)
    later = replace(WHOLE, generation=4)
    monkeypatch.setattr(manifest_file, "write_atomically", full)
    with pytest.raises(OSError, match="No space") if refused == MANIFEST else nullcontext():
        write_manifest(tmp_path, later)
    assert read_manifest(tmp_path) == (WHOLE if refused == MANIFEST else later)
    with pytest.raises(StoreMissing):
        read_manifest(tmp_path, name=COPY)


def test_a_store_that_lost_its_manifest_alone_is_damaged_and_not_begun_anew(tmp_path: Path) -> None:
    """An ingest that took it for none would sweep its files away, and the copy."""
    write_manifest(tmp_path, WHOLE)
    (tmp_path / MANIFEST).unlink()
    for begin in (read_manifest, open_or_begin):
        with pytest.raises(StoreDamaged, match="verify --repair"):
            begin(tmp_path)
    assert read_manifest(tmp_path, name=COPY) == WHOLE


def test_the_form_on_disk_stays(tmp_path: Path) -> None:
    """What is read now, an earlier version wrote, and what is written now it would read: keys, order and checksum."""
    _put(tmp_path, orjson.loads(EARLIER))
    assert read_manifest(tmp_path) == WHOLE
    write_manifest(tmp_path, WHOLE)
    written = (tmp_path / MANIFEST).read_bytes()
    assert written == b'{"blake2b":"%s","manifest":%s}' % (DIGEST, TODAY)


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("", "store_id", 7),
        ("", "generation", "many"),
        ("", "invented", 1),
        ("devices b1", "live", "perhaps"),
        ("devices b1", "invented", 1),
        ("devices b1 signals bms.soc", "rows", 1.5),
        ("devices b1 signals bms.soc", "low", "cold"),
        ("devices b1 signals bms.soc", "invented", None),
        ("devices b1 topics bms", "timeline", None),
        ("devices b1 topics bms", "invented", 1),
        ("files f", "signals", "b1/bms.soc"),
        ("files f", "notes", {"odd": "twice"}),
        ("files f", "invented", 1),
    ],
)
def test_another_key_or_type_is_damage(tmp_path: Path, where: str, key: str, value: Any) -> None:
    """However deep it stands."""
    body = orjson.loads(TODAY)
    _entry(body, where)[key] = value
    _put(tmp_path, body)
    with pytest.raises(StoreDamaged, match=r"manifest\.json cannot be read \(ValidationError\)"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("where", "key"),
    [
        ("", "store_id"),
        ("devices b1", "timezone"),
        ("devices b1 signals bms.soc", "period_s"),
        ("devices b1 topics bms", "coverage"),
        ("files f", "size"),
    ],
)
def test_a_missing_key_is_damage(tmp_path: Path, where: str, key: str) -> None:
    """Where it is none that came later."""
    body = orjson.loads(TODAY)
    del _entry(body, where)[key]
    _put(tmp_path, body)
    with pytest.raises(StoreDamaged, match=r"manifest\.json cannot be read \(ValidationError\)"):
        read_manifest(tmp_path)


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    """A flipped bit anywhere is damage, never another manifest."""
    write_manifest(tmp_path, Manifest.new())
    path = tmp_path / MANIFEST
    good, manifest = path.read_bytes(), read_manifest(tmp_path)
    for offset in range(len(good)):
        path.write_bytes(good[:offset] + bytes([good[offset] ^ 1]) + good[offset + 1 :])
        try:
            assert read_manifest(tmp_path) == manifest
        except StoreDamaged:
            continue


def test_a_folder_without_manifest_is_no_store(tmp_path: Path) -> None:
    """An empty folder and a missing one say the same."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreMissing, match="is not a store"):
            read_manifest(path)


def test_a_store_of_another_version_says_so(tmp_path: Path) -> None:
    """A newer format is named, not guessed at."""
    write_manifest(tmp_path, replace(Manifest.new(), format=99))
    with pytest.raises(StoreDamaged, match="format 99"):
        read_manifest(tmp_path)
