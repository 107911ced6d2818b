"""The alarms: which are open, and who has acknowledged them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bessline.analyst.database import Database
from bessline.analyst.log import ALARM, decode, encode
from bessline.errors import NotKnown

CLEARED, ACKNOWLEDGED = "cleared", "acknowledged"
_SELECT = (
    "SELECT a.alarm, a.device, a.state, a.raised_ms, e.data, k.ack FROM alarms a JOIN events e ON e.seq = a.seq "
    "LEFT JOIN acks k ON k.alarm = a.alarm AND k.raised_ms = a.raised_ms"
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen an alarm: when (RFC 3339), who, and what they say to it."""

    at: str
    by: str | None = None
    comment: str | None = None

    def said(self) -> dict[str, Any]:
        """As it is told."""
        return {"at": self.at, "by": self.by, "comment": self.comment}


class AlarmBook:
    """Reads and acknowledges alarms in `database`. It blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self) -> list[dict[str, Any]]:
        """The alarms that are not cleared, of all devices: the newest event of each, with its acknowledgement."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE a.state != ? ORDER BY a.raised_ms, a.alarm", (CLEARED,)
            ).fetchall()
        return [_shown(row) for row in rows]

    def acknowledge(self, alarm_id: str, acknowledgement: Acknowledgement, *, at_ms: int) -> dict[str, Any]:
        """Note that somebody has seen an alarm; the first time counts, and becomes an event at data time `at_ms`.

        Returns
        -------
        the alarm as it is now.

        Raises
        ------
        NotKnown
            there never was such an alarm.
        """
        with self._database.changing() as connection:
            row = connection.execute(f"{_SELECT} WHERE a.alarm = ?", (alarm_id,)).fetchone()
            if row is None:
                known = [name for (name,) in connection.execute("SELECT alarm FROM alarms")]
                raise NotKnown("alarm", alarm_id, known=known)
            if row[5] is not None:
                return _shown(row)
            _, device_id, state, raised_ms, data, _ = row
            ack = encode(acknowledgement.said())
            connection.execute("INSERT INTO acks VALUES (?, ?, ?)", (alarm_id, raised_ms, ack))
            at_ms = max(at_ms, raised_ms)
            nth = connection.execute(
                "SELECT count(*) FROM events WHERE device = ? AND name = ? AND t_ms = ? AND said = 1",
                (device_id, ALARM, at_ms),
            ).fetchone()[0]
            event = encode({**decode(data), "state": ACKNOWLEDGED, "acknowledged": acknowledgement.said()})
            connection.execute(
                "INSERT INTO events (device, name, t_ms, nth, said, data) VALUES (?, ?, ?, ?, 1, ?)",
                (device_id, ALARM, at_ms, nth, event),
            )
            return _shown((alarm_id, device_id, state, raised_ms, data, ack))

    def device_of(self, alarm_id: str) -> str | None:
        """Whose alarm it is."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT device FROM alarms WHERE alarm = ?", (alarm_id,)).fetchone()
        return None if row is None else str(row[0])

    def counts(self) -> dict[str, int]:
        """How many alarms are open, and how many of these acknowledged."""
        shown = self.open()
        return {"open": len(shown), "acknowledged": sum(each["acknowledged"] is not None for each in shown)}


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    _, _, _, _, data, ack = row
    event: Mapping[str, Any] = decode(data)
    return {**event, "acknowledged": None if ack is None else decode(ack)}
