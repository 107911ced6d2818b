"""Live input of one device: what came in goes out at once, each reading once, and silence is told once."""

from pathlib import Path

from bessline.live.audience import Audience, Manner
from bessline.live.hub import Hub
from bessline.live.ident import parse
from bessline.live.ids import LiveId
from bessline.live.intake import DeviceInput, InputFeed, last_before
from bessline.live.series import Wish
from bessline.store.inlet import Inlet
from unit_tests.batches import Row, batch_of
from unit_tests.bessline.live.plants import Listens, encode, small_store, stamp_of

ROWS = 10


class Scene:
    """Device b1 of a small store with ten rows, on a grid of 30 s, and who listens to it."""

    def __init__(self, folder: Path, *topics: str) -> None:
        self.managers = small_store(folder, rows=ROWS)
        self.inlet = Inlet(self.managers.store)
        self.hub = Hub(encode, carry=self._carry)
        feeds = [self.feed(topic) for topic in topics or ("bms",)]
        self.device = DeviceInput("b1", feeds, hub=self.hub, store_id="5708e001")

    def feed(self, topic: str) -> InputFeed:
        manager = self.managers[topic]
        newest = last_before(manager, "b1", stamp_of(ROWS - 1))
        return InputFeed(manager, "b1", newest=newest, now_s=0.0)

    def listen(self, *topics: str, interval_s: float = 0.05) -> Listens:
        member = Listens()
        wishes = [Wish("b1", topic, FIELDS[topic]) for topic in topics]
        self.hub.join(member, wishes, Manner(interval_s, named=len(topics) > 1))
        member.in_step = True
        return member

    def come(self, topic: str, *rows: Row) -> None:
        self.inlet.write([batch_of("b1", topic, rows)])
        feed, _ = self.device.parts["b1", topic]
        self.device.heard(topic, 0.0)
        while due := feed.read():
            self.device.publish(topic, due)

    @staticmethod
    def _carry(batch: object, audience: Audience) -> None:
        for member in audience.members:
            member.take(batch)  # type: ignore[arg-type]


FIELDS = {"bms": ("soc",), "pcs": ("active_power",)}


def socs(member: Listens) -> list[object]:
    return [told["data"]["soc"] for told in member.told if told["event"] is None]


def test_a_row_that_came_in_is_a_reading_at_once(tmp_path: Path) -> None:
    """Its id names the clock of the device and the time of the reading."""
    scene = Scene(tmp_path)
    member = scene.listen("bms")
    scene.come("bms", (ROWS * 30, {"soc": 77.0}))
    assert socs(member) == [77.0]
    assert member.told[-1]["id"] == f"l.5708e001.{scene.device.clock}.0.{stamp_of(ROWS)}"


def test_a_row_on_a_grid_is_a_reading_once_its_instant_has_passed(tmp_path: Path) -> None:
    """A value is never told before its time, for a newer one may come until then."""
    scene = Scene(tmp_path)
    member = scene.listen("bms")
    scene.come("bms", (ROWS * 30 - 20, {"soc": 70.0}))
    scene.come("bms", (ROWS * 30 - 10, {"soc": 71.0}))
    assert socs(member) == []
    scene.come("bms", (ROWS * 30 + 5, {"soc": 72.0}))
    assert socs(member) == [71.0]


def test_a_late_row_raises_no_reading(tmp_path: Path) -> None:
    """It is in history, and the next reading goes on behind what was streamed."""
    scene = Scene(tmp_path)
    member = scene.listen("bms")
    scene.come("bms", (ROWS * 30, {"soc": 77.0}))
    scene.come("bms", (30, {"soc": 11.0}), (ROWS * 30, {"soc": 12.0}))
    scene.come("bms", (ROWS * 30 + 30, {"soc": 78.0}))
    assert socs(member) == [77.0, 78.0]
    assert scene.managers["bms"].page("b1", skip=1, limit=1).columns["soc"].tolist() == [11.0]


def test_silence_is_told_once_and_ends_with_input(tmp_path: Path) -> None:
    """The gap begins at the last reading; it is open, for nobody knows its end."""
    scene = Scene(tmp_path)
    member = scene.listen("bms")
    for now_s in (0.0, 89.0, 91.0, 200.0):
        scene.device.watch(now_s)
    gaps = [told["data"] for told in member.told if told["event"] == "gap"]
    assert [(gap["from"], gap["to"]) for gap in gaps] == [("2024-05-01T00:04:30.000Z", None)]
    assert scene.device.is_stale(200.0)
    scene.come("bms", (ROWS * 30, {"soc": 1.0}))
    scene.device.watch(91.0)
    assert len([told for told in member.told if told["event"] == "gap"]) == 2


def test_merged_readings_end_though_their_slot_was_skipped(tmp_path: Path) -> None:
    """With k = 2 two readings become one, also where a row is missing between."""
    scene = Scene(tmp_path)
    member = scene.listen("bms", interval_s=60)
    for n in (0, 3, 4, 7):
        scene.come("bms", ((ROWS + n) * 30, {"soc": float(n)}))
    merged = [told["data"].get("merged") for told in member.told]
    readings = sum(count or 1 for count in merged)
    assert readings >= len(scene.managers["bms"].page("b1", start_ms=stamp_of(ROWS)).t_ms) - 4
    assert len(merged) < readings


def test_a_topic_behind_another_still_goes_out(tmp_path: Path) -> None:
    """On a stream of several topics each has its own place, and the id holds them all."""
    scene = Scene(tmp_path, "bms", "pcs")
    member = scene.listen("bms", "pcs")
    scene.come("bms", (ROWS * 30, {"soc": 77.0}))
    scene.come("pcs", (ROWS * 30, {"active_power": 5.0}))
    assert [told["event"] for told in member.told] == ["bms", "pcs"]
    place = parse(member.told[0]["id"])
    assert isinstance(place, LiveId)
    assert place.t_ms == stamp_of(ROWS - 2)
    assert f".{stamp_of(ROWS)}" in member.told[-1]["id"]


def test_a_new_topic_begins_before_its_first_reading(tmp_path: Path) -> None:
    """So that the very first one goes out."""
    scene = Scene(tmp_path)
    scene.inlet.write([batch_of("b1", "env", [(1, {"humidity": 50.0})])])
    feed = InputFeed(scene.managers["env"], "b1", newest=None, now_s=0.0)
    assert [row["humidity"] for _, row in feed.read()] == [50.0]
    assert (feed.age_s(5.0), feed.is_silent(181.0), feed.is_silent(179.0)) == (5.0, True, False)
