"""The log: events and how far they are, both or neither, each once, and not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.analyst import log as module
from bessline.analyst.alarm_book import AlarmBook
from bessline.analyst.database import Database
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log, Saved
from bessline.analytics import Event


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(Database(tmp_path / "analytics.db", store_id="0a1b2c3d"), kept=5)


def saved(upto_ms: int) -> Saved:
    return Saved(upto_ms, upto_ms, {"signals": ["bms.soc"]}, {"anomaly": {"seen": upto_ms}}, b"methods")


def event(t_ms: int, name: str = "anomaly", **data: object) -> Event:
    return Event(name, t_ms, {"t": t_ms, **data})


def held(log: Log, name: str = "anomaly") -> list[int]:
    return [entry.t_ms for entry in Events(log.database).page(Wish("b1", name), limit=1000)]


def test_what_is_said_twice_is_kept_once(log: Log) -> None:
    """As a process that was killed says it again; two of one moment are two."""
    twice = [event(1, n=1), event(1, n=2), event(2)]
    assert log.commit("b1", twice, saved(2)) == 3
    log.commit("b1", twice, saved(2))
    assert held(log) == [1, 1, 2]
    assert log.saved("b1") == saved(2)
    assert log.saved("b2") is None


def test_events_and_their_place_are_kept_together(log: Log) -> None:
    """Where one cannot be written, the other is not."""
    with pytest.raises(TypeError):
        log.commit("b1", [event(1), event(2, bad=object())], saved(2))
    assert (held(log), log.saved("b1")) == ([], None)


def test_the_oldest_go_first(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each name; an alarm that is still open stays."""
    monkeypatch.setattr(module, "_SWEEP", 1)
    log.commit("b1", [event(0, "alarm", alarm_id="a", state="raised")], saved(0))
    for n in range(1, 20):
        log.commit("b1", [event(n), event(n, "alarm", alarm_id=f"x{n}", state="cleared")], saved(n))
    assert held(log) == [14, 15, 16, 17, 18, 19]
    assert held(log, "alarm") == [0, 14, 15, 16, 17, 18, 19]
    assert len(AlarmBook(log.database).open()) == 1


def test_beginning_anew_forgets_one_device(log: Log) -> None:
    """And no number is given twice, so nobody takes the new for the old."""
    log.commit("b1", [event(1)], saved(1))
    log.commit("b2", [event(1)], saved(1))
    log.begin_anew("b1")
    assert (held(log), log.saved("b1")) == ([], None)
    assert log.saved("b2") is not None
    assert log.commit("b1", [event(1)], saved(1)) == 3
