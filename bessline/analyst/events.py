"""Events read back: by page, by place of a stream, and the newest of each name. Every call blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bessline.analyst.database import Database
from bessline.analyst.log import decode
from bessline.live.findings import LAST_SEQ, Finding, Header, Line
from bessline.live.ids import Told

#: Places along a line are kept for so many late findings; older ones stand at their data time again.
_TOLD_KEPT = 10_000
_COLUMNS = "e.seq, e.device, e.name, e.t_ms, e.data"
_NONE = Told(-(2**62), 0)


class Entry(NamedTuple):
    """One event of the log."""

    seq: int
    t_ms: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Events of one name of one device with data times in [start_ms, end_ms); None is open."""

    device_id: str
    name: str
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def row(self) -> tuple[str, str, int, int]:
        """As a query takes it."""
        low = -LAST_SEQ if self.start_ms is None else self.start_ms
        return self.device_id, self.name, low, LAST_SEQ if self.end_ms is None else self.end_ms


class Events:
    """Reads the events in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, wish: Wish, *, upto: Told | None = None) -> int:
        """How many there are; `upto`: of these, how many not after this place (time, number)."""
        key_ms, seq = upto or Told(LAST_SEQ, LAST_SEQ)
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM events WHERE device = ? AND name = ? AND t_ms >= ? AND t_ms < ? "
                "AND (t_ms, seq) <= (?, ?)",
                (*wish.row, key_ms, seq),
            ).fetchone()
        return int(row[0])

    def page(self, wish: Wish, *, after: Told | None = None, skip: int = 0, limit: int = 100) -> list[Entry]:
        """At most `limit` in the order of time, after a place and then after the first `skip`."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT seq, t_ms, data FROM events WHERE device = ? AND name = ? AND t_ms >= ? AND t_ms < ? "
                "AND (t_ms, seq) > (?, ?) ORDER BY t_ms, seq LIMIT ? OFFSET ?",
                (*wish.row, *(after or _NONE), limit, skip),
            ).fetchall()
        return [Entry(seq, t_ms, decode(data)) for seq, t_ms, data in rows]

    def between(
        self, devices: Sequence[str], after: Told, upto: Told, *, line: Line, known: int, limit: int
    ) -> list[Finding]:
        """See `FindingLog`."""
        among = ", ".join("?" * len(devices))
        on_time = (
            f"SELECT {_COLUMNS}, e.t_ms AS key FROM events e WHERE device IN ({among}) AND t_ms >= ? AND t_ms <= ? "
            "AND (t_ms, seq) > (?, ?) AND (t_ms, seq) <= (?, ?) AND seq <= ? "
            "AND NOT EXISTS (SELECT 1 FROM told t WHERE t.clock = ? AND t.lap = ? AND t.seq = e.seq)"
        )
        late = (
            f"SELECT {_COLUMNS}, t.key_ms AS key FROM told t JOIN events e ON e.seq = t.seq WHERE t.clock = ? "
            f"AND t.lap = ? AND device IN ({among}) AND (key_ms, t.seq) > (?, ?) AND (key_ms, t.seq) <= (?, ?) "
            "AND t.seq <= ?"
        )
        bounds = (*after, *upto, known)
        values = (*devices, after.key_ms, upto.key_ms, *bounds, *line, *line, *devices, *bounds)
        with self._database.reading() as connection:
            query = f"SELECT * FROM ({on_time} UNION ALL {late}) ORDER BY key, seq LIMIT ?"
            rows = connection.execute(query, (*values, limit)).fetchall()
        return [
            Finding(key_ms, seq, device_id, name, t_ms, decode(data))
            for seq, device_id, name, t_ms, data, key_ms in rows
        ]

    def newest(self, device_id: str, *, at_ms: int) -> dict[str, Mapping[str, Any]]:
        """See `FindingLog`."""
        found: dict[str, Mapping[str, Any]] = {}
        with self._database.reading() as connection:
            names = connection.execute("SELECT DISTINCT name FROM events WHERE device = ?", (device_id,)).fetchall()
            for (name,) in names:
                row = connection.execute(
                    "SELECT data FROM events WHERE device = ? AND name = ? AND t_ms <= ? "
                    "ORDER BY t_ms DESC, seq DESC LIMIT 1",
                    (device_id, name, at_ms),
                ).fetchone()
                if row is not None:
                    found[name] = decode(row[0])
        return found

    def headers(self, after_seq: int) -> list[Header]:
        """See `FindingLog`."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT seq, device, t_ms FROM events WHERE seq > ? ORDER BY seq", (after_seq,))
            return [Header(*row) for row in rows]

    def tell_late(self, line: Line, seqs: Sequence[int], *, key_ms: int) -> list[Finding]:
        """See `FindingLog`."""
        with self._database.changing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?)", [(*line, seq, key_ms) for seq in seqs]
            )
            oldest = max(seqs) - _TOLD_KEPT
            connection.execute("DELETE FROM told WHERE clock = ? AND (lap < ? OR seq < ?)", (*line, oldest))
            among = ", ".join("?" * len(seqs))
            rows = connection.execute(
                f"SELECT {_COLUMNS}, t.key_ms FROM told t JOIN events e ON e.seq = t.seq "
                f"WHERE t.clock = ? AND t.lap = ? AND t.seq IN ({among}) ORDER BY t.key_ms, t.seq",
                (*line, *seqs),
            ).fetchall()
        return [
            Finding(key_ms, seq, device_id, name, t_ms, decode(data))
            for seq, device_id, name, t_ms, data, key_ms in rows
        ]

    def last_seq(self) -> int:
        """The number of the last event of the log, whether it is still kept or not."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
        return 0 if row is None else int(row[0])

    def version(self) -> str:
        """Another one whenever anything that can be read here has changed."""
        with self._database.reading() as connection:
            places = connection.execute("SELECT count(*), total(upto_ms), total(readings) FROM places").fetchone()
            ahead = connection.execute("SELECT count(*), total(upto_ms) FROM ahead").fetchone()
            acks = connection.execute("SELECT count(*) FROM acks").fetchone()
            kept = connection.execute("SELECT count(*), max(seq) FROM events").fetchone()
        return repr((places, ahead, acks, kept))


def _finding(row: tuple[Any, ...]) -> Finding:
    seq, device_id, name, t_ms, data, key_ms = row
    return Finding(key_ms, seq, device_id, name, t_ms, decode(data))
