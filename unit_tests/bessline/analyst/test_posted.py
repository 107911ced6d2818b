"""What was sent on is remembered, and not for ever."""

from __future__ import annotations

from pathlib import Path

from bessline.analyst.database import Database
from bessline.analyst.log import Log, Saved
from bessline.analyst.posted import Posted
from bessline.analytics import Event


def test_what_was_delivered_is_known_after_a_restart(tmp_path: Path) -> None:
    """It is in the database, beside the events."""
    Posted(Database(tmp_path / "a.db", store_id="s")).note(7)
    posted = Posted(Database(tmp_path / "a.db", store_id="s"))
    assert [posted.holds(seq) for seq in (6, 7, 8)] == [False, True, False]
    posted.note(7)
    assert posted.holds(7)


def test_what_is_no_longer_kept_is_forgotten(tmp_path: Path) -> None:
    """A log that is swept for years must not leave its numbers behind."""
    database = Database(tmp_path / "a.db", store_id="s")
    posted, log = Posted(database), Log(database)
    log.commit("b1", [Event("alarm", 1, {})], Saved(1, 1, {}, {}))
    posted.note(1)
    log.begin_anew("b1")
    log.commit("b1", [Event("alarm", 2, {})], Saved(2, 2, {}, {}))
    posted.note(2)
    assert [posted.holds(seq) for seq in (1, 2)] == [False, True]
