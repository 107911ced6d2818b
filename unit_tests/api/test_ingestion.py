"""A request of live input, from its body to its answer: bounds, kinds, refusals of the store."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from bessline.store import Store
from bessline.store.journal import FOLDER
from bessline.store.lock import hold
from unit_tests.api.client import Client, served_copy

ROW = {"timestamp": "2024-05-03T00:00:00Z", "soc": 50.0}


@pytest.fixture
def app(tiny_store: Path, tmp_path: Path) -> Iterator[Client]:
    """A server whose store may be written."""
    with served_copy(tiny_store, tmp_path, ingest_bytes=2048) as client:
        yield client


def post(client: Client, path: str = "/ingest/new1/bms", body: Any = ROW, **more: Any) -> httpx.Response:
    return client.ask("POST", path, json=body, **more)


def test_a_body_beyond_the_limit_is_413(app: Client) -> None:
    """By its length, and where it says none by its bytes."""
    assert post(app, body=[ROW] * 100).status_code == 413

    async def parts() -> Any:
        for _ in range(5):
            yield b" " * 1000

    headers = {"Content-Type": "application/json"}
    answer = app.ask("POST", "/ingest/new1/bms", content=parts(), headers=headers)
    assert answer.status_code == 413
    assert "BESSLINE_INGEST_BYTES" in answer.json()["detail"]


def test_only_json_and_lines_are_taken(app: Client) -> None:
    """What a foreign page could send without asking is refused."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = app.ask("POST", "/ingest/new1/bms", content=b"{}", headers={"Content-Type": kind})
        assert answer.status_code == 415
    lines = b'{"timestamp": "2024-05-03T00:00:00Z", "soc": 1}\n{"timestamp": "2024-05-03T00:00:01Z", "soc": 2}\n'
    answer = app.ask("POST", "/ingest/new1/bms", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.json() == {"accepted": 2, "late": 0, "duplicates": 0}


def test_a_full_disk_is_507_and_reading_goes_on(app: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness says so, and recovers by itself when there is space, without another post."""
    assert post(app).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", _full)
        patch.setattr("bessline.store.journal.Journal.probe", _full)
        answer = post(app, body=ROW | {"soc": 51.0})
        assert (answer.status_code, answer.headers["retry-after"]) == (507, "5")
        assert "nothing of this request was kept" in answer.json()["detail"]
        ready = app.get("/readyz")
        assert (ready.status_code, ready.json()["components"]["ingest"]["status"]) == (503, "failed")
        assert "taken again as soon as there is" in ready.json()["detail"]
        assert app.json("/bms/new1")["data"][0]["soc"] == 50.0
    app.wait_until(lambda: app.get("/readyz").status_code == 200)
    assert post(app, body=ROW | {"soc": 52.0}).status_code == 200


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_another_servers_journal_is_409(app: Client, tmp_path: Path) -> None:
    """It says what to do, and works once that server has gone."""
    (tmp_path / "store" / FOLDER).mkdir()
    handle = hold(tmp_path / "store" / FOLDER / ".lock")
    assert handle is not None
    answer = post(app)
    assert answer.status_code == 409
    assert "another process takes the live input" in answer.json()["detail"]
    os.close(handle)
    assert post(app).status_code == 200


def test_a_read_only_store_is_409(app: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes on being read."""
    monkeypatch.setattr(Store, "writable", False)
    answer = post(app)
    assert answer.status_code == 409
    assert "read-only" in answer.json()["detail"]
    assert app.get("/bms/bess1").status_code == 200


def test_the_names_in_the_path_are_checked(app: Client) -> None:
    """A device by its pattern, a topic by the catalogue, a zone by its name."""
    assert post(app, "/ingest/.hidden/bms").json()["errors"][0]["loc"] == ["path", "device_id"]
    assert post(app, "/ingest/b1/bmz").json()["matches"] == ["bms"]
    assert post(app, "/ingest/b1/bess").status_code == 404
    refused = post(app, "/ingest/b1/bms?timezone=Mars/Base")
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["query", "timezone"])
    assert post(app, f"/ingest/{'a' * 64}/bms").status_code == 200
    assert post(app, f"/ingest/{'a' * 65}/bms").status_code == 422


def test_a_device_that_no_history_could_name_is_refused(app: Client) -> None:
    """/bms/devices is the list of devices, so one of that name would be taken in and never be seen."""
    assert "the name of a list" in post(app, "/ingest/devices/bms").json()["detail"]


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="needs a small file system of its own")
def test_a_really_full_disk(tiny_store: Path, tmp_path: Path) -> None:
    """4 MB of memory as a disk: 507, readiness 503, reading and streaming go on, recovery without a restart."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", small], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with served_copy(tiny_store, small) as client:
            kept = [post(client, body=ROW | {"soc": 40.0 + at}).status_code for at in range(3)]
            filler = small / "filler"
            _fill(filler)
            codes = {post(client, body=[ROW] * 500).status_code for _ in range(5)}
            assert codes == {507}
            assert client.get("/readyz").status_code == 503
            assert client.get("/bms/bess1").status_code == 200
            assert client.get("/bms/bess1/stream?start=2024-05-01&speed=0&max_events=5").text.count("\ndata:") >= 5
            assert client.get("/bms/bess1.csv").text.count("\n") > 5
            filler.unlink()
            client.wait_until(lambda: client.get("/readyz").status_code == 200)
            assert post(client, body=ROW | {"soc": 43.0}).json()["accepted"] == 1
        assert kept == [200] * 3
        (new,) = Store.open(small / "store").state.tails["new1"].columns["bms.soc"].value.tolist()
        assert new == 43.0
    finally:
        subprocess.run(["umount", "-l", small], check=True)
