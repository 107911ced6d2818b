"""Receipts: what is read is what was written, or nothing."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from bessline.store import receipt as module
from bessline.store.receipt import Receipt, read_receipt, write_receipt
from unit_tests.bessline.store.test_manifest import FILE, SIGNAL
from unit_tests.plants import source_of

RECEIPT = Receipt(runs={"b1/bms.soc": replace(SIGNAL, pyramid="p", kept_from={"raw": 5})}, file=FILE, since=7)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """To the last type of it, and no temporary file stays."""
    write_receipt(tmp_path / "receipt", RECEIPT)
    assert read_receipt(tmp_path / "receipt") == RECEIPT
    assert [path.name for path in tmp_path.iterdir()] == ["receipt"]


def test_a_damaged_one_is_none(tmp_path: Path) -> None:
    """Whichever byte is another one, wherever it ends, and where there is none at all."""
    path = tmp_path / "receipt"
    assert read_receipt(path) is None
    write_receipt(path, RECEIPT)
    good = path.read_bytes()
    for offset in range(len(good)):
        path.write_bytes(good[:offset] + bytes([good[offset] ^ 1]) + good[offset + 1 :])
        assert read_receipt(path) is None
        path.write_bytes(good[:offset])
        assert read_receipt(path) is None


@pytest.mark.parametrize("change", ["more", "fewer", "other"])
def test_that_of_another_version_is_none(tmp_path: Path, change: str) -> None:
    """One that knows more of a run or less of a file, or says it all differently."""
    told = orjson.loads(orjson.dumps(RECEIPT))
    if change == "more":
        told["runs"]["b1/bms.soc"]["invented"] = 1
    elif change == "fewer":
        del told["file"]["mtime_ns"]
    else:
        told = [told]
    body = orjson.dumps(told)
    (tmp_path / "receipt").write_bytes(module._digest(body) + b"\n" + body)
    assert read_receipt(tmp_path / "receipt") is None


def test_it_names_its_files_and_what_opens_its_source(tmp_path: Path) -> None:
    assert RECEIPT.files == (Path("a"), Path("p"), Path("r1"))
    source = replace(source_of(tmp_path), opened={"path": "x"})
    assert RECEIPT.of(source).file.opened == {"path": "x"}
    assert RECEIPT.of(source).runs == RECEIPT.runs
