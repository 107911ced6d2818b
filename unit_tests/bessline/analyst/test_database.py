"""The database: of one store, of one format, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.analyst.database import Database
from bessline.errors import StoreFull


def note(database: Database, value: str) -> None:
    with database.changing() as connection:
        connection.execute("REPLACE INTO meta VALUES ('note', ?)", (value,))


def forget_and_fail(database: Database) -> None:
    with database.changing() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'note'")
        raise ZeroDivisionError


def noted(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row[0] for row in connection.execute("SELECT value FROM meta WHERE key = 'note'")]


def events(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def fill(path: Path, store_id: str) -> None:
    database = Database(path, store_id=store_id)
    with database.changing() as connection:
        connection.execute(
            "INSERT INTO events (device, name, t_ms, nth, said, data) VALUES ('b1', 'alarm', 0, 0, 0, '')"
        )
    database.close()


def test_it_is_kept_for_its_store_alone(tmp_path: Path) -> None:
    """Another store begins with nothing."""
    path = tmp_path / "analytics.db"
    fill(path, "0a1b2c3d")
    for store_id, held in (("0a1b2c3d", 1), ("ffffffff", 0)):
        database = Database(path, store_id=store_id)
        assert events(database) == held
        database.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """What fails leaves nothing."""
    database = Database(tmp_path / "analytics.db", store_id="0a1b2c3d")
    note(database, "kept")
    with pytest.raises(ZeroDivisionError):
        forget_and_fail(database)
    assert noted(database) == ["kept"]
    database.close()


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    """All that it held can be found again; the log says that it was."""
    path = tmp_path / "analytics.db"
    fill(path, "0a1b2c3d")
    path.write_bytes(b"nonsense" * 1000)
    database = Database(path, store_id="0a1b2c3d")
    assert events(database) == 0
    database.close()


def test_a_full_disk_is_said_and_passes(tmp_path: Path) -> None:
    """Nothing of the transaction is kept; the next one, with space again, works."""
    path = tmp_path / "analytics.db"
    database = Database(path, store_id="0a1b2c3d")
    with database.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFull, match="no space left"), database.changing() as connection:
        connection.execute("INSERT INTO meta VALUES ('large', ?)", ("x" * 100_000,))
    database._connection.execute("PRAGMA max_page_count = 100000")
    with database.changing() as connection:
        assert connection.execute("SELECT count(*) FROM meta WHERE key = 'large'").fetchone()[0] == 0
        connection.execute("INSERT INTO meta VALUES ('large', ?)", ("x" * 100_000,))
    database.close()
