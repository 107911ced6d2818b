"""Follow: what a plant appends to its files is sent once it is whole, and remembered once it is durable."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import orjson
import pytest

from bench.server import serving
from bessline.errors import SourceError
from bessline.follow import DISCOVER_S, Follower, default_places, follow, sizes_in, sparse_rows
from bessline.sender import Row, Sender, Topic
from bessline.sources import Rows, SignalId, open_source
from bessline.store import ingest
from unit_tests.plants import MAY_1


class Scene:
    """A folder that grows, and a server that keeps what it is sent."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.places = folder / "raw", folder / "places.json"
        self.folder.mkdir()
        self.told: list[str] = []
        self.sent: list[tuple[Topic, Row]] = []
        self.fails = False
        self.now_s = 0.0

    def follower(self, known: dict[Path, int] | None = None) -> Follower:
        return Follower(
            self.folder,
            opened=partial(open_source, self.folder, timezone="UTC"),
            send=self.send,
            places=self.places,
            tell=self.told.append,
            known=known,
            monotonic=lambda: self.now_s,
        )

    def send(self, topic: Topic, rows: Sequence[Row]) -> None:
        if self.fails:
            raise ConnectionError
        self.sent += [(topic, row) for row in rows]

    def grow(self, name: str, *lines: str) -> None:
        path = self.folder / "BESS" / "b1" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "" if path.exists() else f"ts,{name}\n"
        with path.open("a") as file:
            file.write(text + "".join(line + "\n" for line in lines))

    def later(self, follower: Follower) -> int:
        self.now_s += DISCOVER_S
        return follower.step()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An empty folder."""
    return Scene(tmp_path)


def test_signals_of_one_topic_go_out_in_the_order_of_time(scene: Scene) -> None:
    """Those with the same stamp share a row; an empty cell is a marker."""
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50", "2024-05-01 00:00:30,")
    scene.grow("bms1_v", "2024-05-01 00:00:30,820.5")
    scene.grow("dh1_temp", "2024-05-01 00:00:10,21")
    assert scene.follower().step() == 3
    assert scene.sent == [
        (("b1", "bms"), {"timestamp": "2024-05-01T00:00:00.000Z", "soc": 50.0}),
        (("b1", "bms"), {"timestamp": "2024-05-01T00:00:30.000Z", "soc": None, "voltage": 820.5}),
        (("b1", "env"), {"timestamp": "2024-05-01T00:00:10.000Z", "temperature": 21.0}),
    ]


def test_new_files_and_new_lines_are_found(scene: Scene) -> None:
    """Also where the folder was empty at first."""
    follower = scene.follower()
    assert follower.step() == 0
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50")
    assert scene.later(follower) == 1
    scene.grow("bms1_soc", "2024-05-01 00:00:30,51")
    scene.grow("bms1_v", "2024-05-01 00:00:00,820")
    assert follower.step() == 1
    assert scene.later(follower) == 1
    assert scene.later(follower) == 0


def test_only_what_is_durable_is_remembered(scene: Scene) -> None:
    """A crash before the answer: the rows go out again. One after it: they do not."""
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50")
    scene.fails = True
    with pytest.raises(ConnectionError):
        scene.follower().step()
    assert not scene.places.exists()
    scene.fails = False
    assert scene.follower().step() == 1
    scene.grow("bms1_soc", "2024-05-01 00:00:30,51")
    assert scene.follower().step() == 1
    assert [row["soc"] for _, row in scene.sent] == [50.0, 51.0]


def test_what_a_store_has_taken_in_is_not_sent_again(scene: Scene, tmp_path: Path) -> None:
    """It begins where the ingest ended."""
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50")
    ingest([open_source(scene.folder, timezone="UTC")], tmp_path / "store", workers=0)
    scene.grow("bms1_soc", "2024-05-01 00:00:30,51")
    assert scene.follower(sizes_in(tmp_path / "store")).step() == 1
    assert scene.sent[0][1]["soc"] == 51.0
    assert sizes_in(tmp_path / "none") == sizes_in(None) == {}


def test_bad_rows_and_new_files_are_told(scene: Scene) -> None:
    """In a sentence each; the good rows go out."""
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50")
    follower = scene.follower()
    follower.step()
    scene.grow("bms1_soc", "2024-05-01 00:00:30,x")
    assert follower.step() == 0
    assert "1 rows cannot be taken" in scene.told[-1]
    (scene.folder / "BESS/b1/bms1_soc.csv").write_text("ts,bms1_soc\n2024-06-01 00:00:00,9\n")
    assert follower.step() == 1
    assert "is another file than before" in scene.told[-1]
    assert follower.rejected == 1


def test_a_trouble_is_told_once_for_as_long_as_it_lasts(scene: Scene) -> None:
    """A file that is away for a night is no reason for thirty thousand lines; that it is back is one."""
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50")
    (scene.folder / "BESS/b1/bms1_v.csv").write_text("")
    follower = scene.follower()
    follower.step()
    file = scene.folder / "BESS/b1/bms1_soc.csv"
    text = file.read_text()
    file.unlink()
    (scene.folder / "BESS/b1/bms1_c.csv").write_text("")
    for _ in range(3):
        scene.later(follower)
    file.write_text(text + "2024-05-01 00:00:30,51\n")
    assert scene.later(follower) == 1
    scene.later(follower)
    kinds = [(line.partition(":")[0], line.partition("bms1_")[2].partition(".")[0]) for line in scene.told]
    assert kinds == [("not followed", "v"), ("not followed", "c"), ("not read now", "soc"), ("read again", "soc")]


def test_places_that_cannot_be_read_are_an_error(scene: Scene) -> None:
    """Rather than everything sent anew."""
    scene.places.write_text("[1, 2]")
    with pytest.raises(SourceError, match="is not a list of places"):
        scene.follower()


def test_a_folder_that_is_not_there_ends_it(tmp_path: Path) -> None:
    """A typing error is told at once, and the command ends with the status of its kind."""
    with pytest.raises(SourceError, match="no such folder"):
        follow(tmp_path / "nowhere", "http://127.0.0.1:1", tell=str, opened=partial(open_source, tmp_path))


def test_a_server_has_what_was_appended(scene: Scene, tiny_store: Path, tmp_path: Path) -> None:
    """From a line in a file to a reading of a device that nobody knew, over a real connection."""
    shutil.copytree(tiny_store, tmp_path / "store")
    scene.grow("bms1_soc", "2024-05-01 00:00:00,50", "2024-05-01 00:00:30,51")
    with serving(tmp_path / "store") as url:
        sender = Sender(url, key=None, tell=scene.told.append)
        follower = scene.follower()
        follower._send = sender.send
        assert follower.step() == 2
        page = httpx.get(f"{url}/bms/b1", params={"fields": "soc", "batch_size": 2}).json()
        sender.close()
    assert [row["soc"] for row in page["data"]] == [50.0, 51.0]
    assert scene.told == []


def test_rows_of_one_signal_with_one_stamp_stay_apart(tmp_path: Path) -> None:
    """The later one must count, so it comes later."""
    signal = SignalId("b1", "bms", "soc")
    rows = sparse_rows([Rows(signal, np.array([MAY_1, MAY_1]), np.array([1.0, 2.0]))])
    assert [row["soc"] for row in rows] == [1.0, 2.0]
    assert orjson.dumps(rows)
    assert default_places(tmp_path, "a") != default_places(tmp_path, "b")
