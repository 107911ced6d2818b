"""The log: every event that the analytics found, each once, together with how far they are."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bessline.analyst.database import Database
from bessline.analytics.base import Event

#: So many events of one name are kept of a device, unless a setting says otherwise.
KEPT = 20_000
#: Old events are thrown away once so many came.
_SWEEP = 500
_COMPRESSION = 1
ALARM, ALARM_ID = "alarm", "alarm_id"


@dataclass(frozen=True, slots=True)
class Saved:
    """How far the analytics of a device are.

    Parameters
    ----------
    upto_ms: every reading up to it was seen; `readings` of them.
    watched: what was watched, to tell whether it still is what is stored (see `watch`).
    states: of each method, by name.
    methods: as bytes (see `checkpoint`).
    """

    upto_ms: int
    readings: int
    watched: dict[str, Any]
    states: dict[str, Any]
    methods: bytes = b""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read ahead of the walk: `states` of methods, by name, as they will be at `upto_ms`."""

    upto_ms: int
    states: dict[str, Any]


def encode(data: Any) -> bytes:
    """JSON, compressed.

    >>> decode(encode({"score": 0.5}))
    {'score': 0.5}
    """
    return zlib.compress(orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY), _COMPRESSION)


def decode(data: bytes) -> Any:
    """The inverse of `encode`."""
    return orjson.loads(zlib.decompress(data))


class Log:
    """Takes events into `database`; of each name the newest `kept` of a device stay."""

    def __init__(self, database: Database, *, kept: int = KEPT) -> None:
        self.database, self.kept = database, kept
        self._since_sweep = 0

    def commit(self, device_id: str, events: Sequence[Event], saved: Saved) -> int:
        """Keep events and the place behind them: both or neither. Returns the number of the last event of the log.

        What is there already is not kept twice: the same reading, seen again, says the same.
        """
        with self.database.changing() as connection:
            for nth, event in _numbered(events):
                self._insert(connection, device_id, event, nth)
            self._save(connection, device_id, saved)
            self._since_sweep += len(events)
            if self._since_sweep >= _SWEEP:
                self._sweep(connection, device_id)
            return _last(connection)

    def _insert(self, connection: sqlite3.Connection, device_id: str, event: Event, nth: int) -> None:
        row = (device_id, event.name, event.t_ms, nth, encode(event.data))
        found = connection.execute(
            "INSERT OR IGNORE INTO events (device, name, t_ms, nth, said, data) VALUES (?, ?, ?, ?, 0, ?)", row
        )
        if found.rowcount and event.name == ALARM and ALARM_ID in event.data:
            note_alarm(connection, device_id, event, seq=int(found.lastrowid or 0))

    @staticmethod
    def _save(connection: sqlite3.Connection, device_id: str, saved: Saved) -> None:
        watched, states = orjson.dumps(saved.watched).decode(), encode(saved.states)
        row = (device_id, saved.upto_ms, saved.readings, watched, states, saved.methods)
        connection.execute("REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)", row)

    def _sweep(self, connection: sqlite3.Connection, device_id: str) -> None:
        self._since_sweep = 0
        for (name,) in connection.execute("SELECT DISTINCT name FROM events WHERE device = ?", (device_id,)).fetchall():
            connection.execute(
                "DELETE FROM events WHERE device = ?1 AND name = ?2 AND t_ms < (SELECT t_ms FROM events "
                "WHERE device = ?1 AND name = ?2 ORDER BY t_ms DESC, seq DESC LIMIT 1 OFFSET ?3) AND seq NOT IN "
                "(SELECT seq FROM alarms WHERE device = ?1 AND state != 'cleared')",
                (device_id, name, self.kept),
            )

    def saved(self, device_id: str) -> Saved | None:
        """How far the analytics of a device are, None where they have not begun."""
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT upto_ms, readings, watched, states, methods FROM places WHERE device = ?", (device_id,)
            ).fetchone()
        return None if row is None else Saved(row[0], row[1], orjson.loads(row[2]), decode(row[3]), row[4])

    def keep_ahead(self, device_id: str, events: Sequence[Event], *, upto_ms: int, states: dict[str, Any]) -> int:
        """Keep what was read ahead of the walk. Returns the number of the last event of the log.

        The walk finds the same events again, and they are not kept twice.
        """
        with self.database.changing() as connection:
            for nth, event in _numbered(events):
                self._insert(connection, device_id, event, nth)
            connection.execute("REPLACE INTO ahead VALUES (?, ?, ?)", (device_id, upto_ms, encode(states)))
            return _last(connection)

    def ahead(self, device_id: str) -> Known | None:
        """What was read ahead of the walk, None where nothing was, or the walk has passed it."""
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT upto_ms, states FROM ahead WHERE device = ?1 AND upto_ms > "
                "coalesce((SELECT upto_ms FROM places WHERE device = ?1), -1)",
                (device_id,),
            ).fetchone()
        return None if row is None else Known(row[0], decode(row[1]))

    def begin_anew(self, device_id: str) -> None:
        """Forget what was found of a device, but for what people said."""
        with self.database.changing() as connection:
            for table in ("places", "alarms", "ahead"):
                connection.execute(f"DELETE FROM {table} WHERE device = ?", (device_id,))
            connection.execute("DELETE FROM events WHERE device = ? AND said = 0", (device_id,))


def note_alarm(connection: sqlite3.Connection, device_id: str, event: Event, *, seq: int) -> None:
    """Keep what the newest event of an alarm says of it."""
    alarm, state = str(event.data[ALARM_ID]), str(event.data["state"])
    connection.execute(
        "INSERT INTO alarms VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (alarm) DO UPDATE SET state = ?3, seq = ?5, "
        "raised_ms = CASE WHEN ?3 = 'raised' THEN ?4 ELSE raised_ms END",
        (alarm, device_id, state, event.t_ms, seq),
    )


def _numbered(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Each with its number among those of the same name and time."""
    seen: dict[tuple[str, int], int] = {}
    numbered: list[tuple[int, Event]] = []
    for event in events:
        key = event.name, event.t_ms
        numbered.append((seen.get(key, 0), event))
        seen[key] = seen.get(key, 0) + 1
    return numbered


def _last(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return 0 if row is None else int(row[0])
