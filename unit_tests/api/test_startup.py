"""From settings to something to serve: which store it is, and what is said when there is none."""

import threading
from pathlib import Path

import pytest
import structlog.testing

from api import startup
from api.settings import Settings
from api.startup import Interrupted, alarm_rules, open_store
from bessline.errors import EmptySource, StoreDamaged, StoreLocked, StoreMissing
from bessline.progress import Tell
from bessline.store import Store
from bessline.store.lock import writing
from unit_tests.api.client import QUIET_S, served


def quiet(what: str, done: int, total: int) -> None:
    assert done <= total, what


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The defaults are relative to where the server is started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_store_that_exists_is_used(tiny_store: Path) -> None:
    assert open_store(Settings(store=tiny_store), tell=quiet).id == Store.open(tiny_store).id


def test_the_default_store_is_used_where_it_exists(tiny_store: Path, elsewhere: Path) -> None:
    (elsewhere / "bessline-store").symlink_to(tiny_store)
    assert open_store(Settings(), tell=quiet).path == Path("bessline-store")


def test_a_named_store_that_is_missing_is_no_reason_for_a_demo() -> None:
    """A mistyped name must not show invented data."""
    with pytest.raises(StoreMissing, match="--data FOLDER"):
        open_store(Settings(store=Path("typo")), tell=quiet)


def test_data_are_taken_in_first(tiny_plant: Path) -> None:
    told: list[str] = []
    settings = Settings(data=(tiny_plant,), store=Path("s"), workers=0)
    store = open_store(settings, tell=lambda what, *_: told.append(what))
    assert sorted(store.devices) == ["bess1", "bess2", "m1", "m2"]
    assert any("bms1_soc" in what for what in told)


def test_a_mistyped_device_in_the_alarms_is_told(tiny_store: Path, elsewhere: Path) -> None:
    """Its rules would wait for ever; the device may still come, so it is no error."""
    file = elsewhere / "alarms.yaml"
    file.write_text("devices: {bes1: {soc_low: 5}, bess2: {soc_low: 5}}\n")
    with structlog.testing.capture_logs() as logs:
        book = alarm_rules(file, Store.open(tiny_store))
    assert set(book.by_device) == {"bes1", "bess2"}
    assert [line["devices"] for line in logs] == [["bes1"]]


def test_without_store_and_data_there_is_the_demo(tiny_plant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once; the second start finds it."""
    made: list[Path] = []

    def make(out: Path, **_: object) -> None:
        made.append(out)
        out.symlink_to(_copied(tiny_plant, out.absolute().parent / "raw"))

    monkeypatch.setattr(startup, "make_demo", make)
    for _ in range(2):
        assert open_store(Settings(workers=0), tell=quiet).path == Path("bessline-demo/store")
    assert made == [Path("bessline-demo")]


def _copied(source: Path, target: Path) -> Path:
    for path in source.rglob("*"):
        if path.is_file():
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(source)).write_bytes(path.read_bytes())
    return target


def test_a_demo_that_another_server_takes_in_is_served_as_far_as_it_is(tiny_plant: Path, elsewhere: Path) -> None:
    demo = _copied(tiny_plant, elsewhere / "bessline-demo")
    with writing(demo / "store"), pytest.raises(StoreLocked):
        open_store(Settings(workers=0), tell=quiet)
    open_store(Settings(workers=0), tell=quiet)
    with writing(demo / "store"):
        assert open_store(Settings(workers=0), tell=quiet).devices


def test_a_new_store_begins_with_live_input_alone(elsewhere: Path) -> None:
    """Once it is there, it is opened."""
    with pytest.raises(StoreMissing, match="--new"):
        open_store(Settings(store=Path("plant")), tell=quiet)
    for new in (True, True, False):
        with served(Settings(store=Path("plant"), new=new, live_interval=QUIET_S, analytics=False)) as client:
            client.wait_ready()
            row = {"timestamp": "2026-11-21T10:00:00Z", "soc": 50}
            assert client.ask("POST", "/ingest/b1/bms", json=row).status_code == 200
            assert client.get("/bms/b1").json()["total_records"] == 1
            assert client.json("/readyz")["components"]["store"]["detail"] == "1 device in plant"


def test_data_without_anything_readable_is_an_error(elsewhere: Path) -> None:
    (elsewhere / "empty").mkdir()
    with pytest.raises(EmptySource):
        open_store(Settings(data=(Path("empty"),), workers=0), tell=quiet)


def test_a_damaged_store_is_told_and_nothing_is_served(elsewhere: Path) -> None:
    """The server lives, says 503 and why, and keeps the error for the exit code."""
    (elsewhere / "s").mkdir()
    (elsewhere / "s" / "manifest.json").write_text("{")
    with served(Settings(store=Path("s"))) as client:
        client.wait_ready()
        answer = client.get("/devices")
        assert (answer.status_code, client.engine.phase) == (503, "failed")
        assert "manifest.json" in answer.json()["detail"]
        assert isinstance(client.engine.failure, StoreDamaged)
        assert client.get("/livez").status_code == 200


def test_while_it_loads_it_lives_and_says_how_far_it_is(tiny_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After on everything that needs the store, until it is there."""
    go = threading.Event()

    def slow(settings: Settings, *, tell: Tell) -> Store:
        tell("b1/soc.csv", 1, 4)
        go.wait(10)
        return Store.open(tiny_store)

    monkeypatch.setattr(startup, "open_store", slow)
    with served(Settings(live_interval=QUIET_S, analytics=False)) as client:
        for path in ("/readyz", "/devices", "/bms/bess1"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert client.get("/livez").status_code == 200
        assert client.get("/signals").status_code == 200
        assert client.get("/bms/bess1/stream").text.startswith(": bessline\nretry: ")
        go.set()
        client.wait_ready()
        assert client.json("/readyz")["status"] == "ready"


def test_going_away_interrupts_what_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next sign of progress ends it; nothing is reported as a failure."""
    ended = threading.Event()

    def endless(settings: Settings, *, tell: Tell) -> Store:
        try:
            while not ended.wait(0.001):
                tell("x", 1, 2)
        except Interrupted:
            ended.set()
            raise
        raise AssertionError

    monkeypatch.setattr(startup, "open_store", endless)
    with served(Settings()) as client:
        assert client.engine.phase == "loading"
    assert ended.wait(5)
    assert (client.engine.phase, client.engine.failure) == ("draining", None)


def test_what_nobody_foresaw_is_logged_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: Settings, *, tell: Tell) -> Store:
        raise ZeroDivisionError

    monkeypatch.setattr(startup, "open_store", broken)
    with served(Settings()) as client:
        client.wait_ready()
        assert "ZeroDivisionError" in client.get("/readyz").json()["detail"]
