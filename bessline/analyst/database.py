"""The database: one SQLite file beside the store, for what the analytics found and how far they are."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bessline.errors import StoreFull

FILE = "analytics.db"
FORMAT = "3"
_BUSY_S = 10.0
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL, name TEXT NOT NULL, t_ms INTEGER NOT NULL,
    nth INTEGER NOT NULL, said INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (device, name, t_ms, nth, said)
);
CREATE INDEX events_of_device ON events (device, t_ms, seq);
CREATE TABLE places (
    device TEXT PRIMARY KEY, upto_ms INTEGER NOT NULL, readings INTEGER NOT NULL,
    watched TEXT NOT NULL, states BLOB NOT NULL, methods BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE ahead (device TEXT PRIMARY KEY, upto_ms INTEGER NOT NULL, states BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE told (
    clock TEXT NOT NULL, lap INTEGER NOT NULL, seq INTEGER NOT NULL, key_ms INTEGER NOT NULL,
    PRIMARY KEY (clock, lap, seq)
) WITHOUT ROWID;
CREATE TABLE alarms (
    alarm TEXT PRIMARY KEY, device TEXT NOT NULL, state TEXT NOT NULL, raised_ms INTEGER NOT NULL, seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE posted (seq INTEGER PRIMARY KEY);
CREATE TABLE acks (
    alarm TEXT NOT NULL, raised_ms INTEGER NOT NULL, ack BLOB NOT NULL, PRIMARY KEY (alarm, raised_ms)
) WITHOUT ROWID;
"""
_TABLES = ("meta", "events", "places", "ahead", "told", "alarms", "posted", "acks")
logger = logging.getLogger(__name__)


class Database:
    """The file at `path`, of the store `store_id`. Threads share it; so may one process more.

    One that is of another store, of another format, or damaged, is begun anew: what the analytics find can be found
    again.
    """

    def __init__(self, path: Path, *, store_id: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            self._connection = _connected(path)
            self._begin(store_id)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            logger.error("%s is damaged (%s); what the analytics found is found again", path, error)
            with suppress(AttributeError):
                self._connection.close()
            for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                each.unlink(missing_ok=True)
            self._connection = _connected(path)
            self._begin(store_id)

    def _begin(self, store_id: str) -> None:
        wanted = {"format": FORMAT, "store": store_id}
        with self.changing() as connection:
            found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            held = dict(connection.execute("SELECT key, value FROM meta")) if "meta" in found else {}
            if held == wanted:
                return
            for table in found.intersection(_TABLES):
                connection.execute(f"DROP TABLE {table}")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", wanted.items())

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing.

        Raises
        ------
        StoreFull
            no space is left; nothing of it is kept.
        """
        with self._lock, _full_disk(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already, or refused the commit
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent look."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let it go."""
        with self._lock:
            self._connection.close()


@contextmanager
def _full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise StoreFull("no space left; it goes on by itself when there is some", path=path) from error


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    # after kill -9 nothing committed is lost; after a power cut the last transactions may be, and are made again
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
