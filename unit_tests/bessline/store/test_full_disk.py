"""A full disk, as it is: 4 MB of memory for a store. Needs the right to mount."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic

import httpx
import pytest
from httpx_sse import EventSource

from api.times import rfc3339
from bessline import cli
from bessline.errors import StoreFull
from bessline.managers import Managers
from bessline.sources import open_source
from bessline.store import Store, durable, ingest
from bessline.store.verify import verify
from unit_tests.plants import MAY_1
from unit_tests.served import EVERY, PATIENCE_S, quick_plant

FULL = StoreFull.exit_code


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system of its own")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", small], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield small
    subprocess.run(["umount", "-l", small], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Take all space but `leave` bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    os.truncate(filler, filler.stat().st_size - leave)
    return filler


def ingest_command(plant: Path, store: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda **_: None, ["ingest", str(plant), "--store", str(store), "--workers", "0"])
    return int(ended.value.code or 0)


def rows(store: Path) -> int:
    managers = Managers(Store.open(store))
    return sum(managers["bess"].timeline(device).rows for device in managers["bess"].devices())


@pytest.mark.parametrize("leave", [0, 300_000])
def test_an_ingest_ends_clearly_and_goes_on(
    tiny_plant: Path, tiny_store: Path, disk: Path, leave: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """14 and a sentence, wherever the space ends; what is there is whole; with space the same command finishes."""
    filler = fill(disk, leave=leave)
    assert ingest_command(tiny_plant, disk / "store") == FULL
    said = capsys.readouterr().err
    assert "no space left; free some and run the same command again" in said
    assert str(disk / "store") in said
    if (disk / "store" / "manifest.json").exists():
        assert verify(disk / "store").damages == []
    filler.unlink()
    assert ingest_command(tiny_plant, disk / "store") == 0
    assert verify(disk / "store").damages == []
    assert rows(disk / "store") == rows(tiny_store)


def test_what_was_acknowledged_survives_and_who_streams_goes_on_streaming(
    tiny_plant: Path, tiny_store: Path, disk: Path
) -> None:
    """Posts until the disk is full: 507, not ready, ingest ends clearly, streams and history go on. With space again
    the same server takes rows, and after `kill -9` every row that got a 200 is there, and none that did not."""
    acknowledged: list[tuple[str, float]] = []
    with quick_plant(tiny_store, disk) as plant, httpx.Client(base_url=plant.url, timeout=PATIENCE_S) as client:
        with client.stream("GET", "/bms/bess1/stream", params={"interval": EVERY, "analytics": "false"}) as streamed:
            readings = _stamps(streamed)
            next(readings)
            filler = fill(disk, leave=64_000)
            answer = _post_until_refused(client, acknowledged)
            assert (answer.status_code, answer.headers["retry-after"]) == (507, "5")
            assert len(acknowledged) > 100
            assert client.get("/readyz").status_code == 503
            assert ingest_command(tiny_plant, disk / "other") == FULL
            assert _history(client) == acknowledged
            # what a stream that begins now has seen already is no news to one that was there before
            with client.stream("GET", "/bms/bess1/stream", params={"interval": EVERY}) as late:
                seen = next(_stamps(late))
            assert any(stamp > seen for stamp in readings)
            assert client.get("/readyz").status_code == 503
            filler.unlink()
            _until_ready(client)
            assert any(stamp > seen for stamp in itertools.islice(readings, 3))
        assert _post(client, acknowledged, number=2000).status_code == 200
        plant.restart()
        assert _history(client) == acknowledged


def _stamps(streamed: httpx.Response) -> Iterator[str]:
    """The stamps of the readings of a stream."""
    for event in EventSource(streamed).iter_sse():
        if event.event == "message":
            yield json.loads(event.data)["timestamp"]


def _post(client: httpx.Client, acknowledged: list[tuple[str, float]], *, number: int) -> httpx.Response:
    """Post a hundred rows of a new unit, and note them down if they were taken."""
    rows = [(rfc3339(MAY_1 + (100 * number + at) * 1000), float(at)) for at in range(100)]
    body = [{"timestamp": stamp, "soc": soc} for stamp, soc in rows]
    answer = client.post("/ingest/new1/bms", json=body)
    if answer.status_code == 200:
        acknowledged += rows
    return answer


def _post_until_refused(client: httpx.Client, acknowledged: list[tuple[str, float]]) -> httpx.Response:
    for number in range(1000):
        answer = _post(client, acknowledged, number=number)
        if answer.status_code != 200:
            return answer
    raise AssertionError("the disk was never full")


def _history(client: httpx.Client) -> list[tuple[str, float]]:
    rows = client.get("/bms/new1", params={"batch_size": 10_000, "fields": "soc"}).json()["data"]
    return [(row["timestamp"], row["soc"]) for row in rows]


def _until_ready(client: httpx.Client) -> None:
    deadline, pause = monotonic() + PATIENCE_S, Event()
    while client.get("/readyz").status_code != 200:
        assert monotonic() < deadline, "it never got ready again"
        pause.wait(0.05)


def test_a_disk_that_refuses_at_the_last_moment(
    tiny_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The force to disk before the swap is refused: the store stays as it was, and the next ingest finishes."""

    def refuse(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "force", refuse)
        with pytest.raises(StoreFull, match="store"):
            ingest([open_source(tiny_plant)], tmp_path / "store", workers=0)
    assert Store.open(tmp_path / "store").devices == {}
    ingest([open_source(tiny_plant)], tmp_path / "store", workers=0)
    assert verify(tmp_path / "store").damages == []
