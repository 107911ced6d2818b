"""Which alarms were sent on to another program: each is sent once, whatever lap of its clock tells it again."""

from __future__ import annotations

from bessline.analyst.database import Database


class Posted:
    """Keeps in `database` which findings, by number, were delivered. It blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def holds(self, seq: int) -> bool:
        """Whether finding number `seq` was delivered."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM posted WHERE seq = ?", (seq,)).fetchone() is not None

    def note(self, seq: int) -> None:
        """Finding number `seq` was delivered. Those that are no longer kept are told no more, and forgotten."""
        with self._database.changing() as connection:
            connection.execute("INSERT OR IGNORE INTO posted VALUES (?)", (seq,))
            connection.execute("DELETE FROM posted WHERE seq < (SELECT min(seq) FROM events)")
