"""Places of the clocks on disk."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bessline.live.clock import Place
from bessline.live.place import FILE, Places


def test_a_place_counts_only_once_it_is_on_disk(tmp_path: Path) -> None:
    """Asked for is not yet kept."""
    places = Places.load(tmp_path / FILE, store_id="s")
    places.reserve("c", Place(0, 100))
    assert not places.covers("c", Place(0, 50))
    places.save()
    assert places.covers("c", Place(0, 100))
    assert not places.covers("c", Place(0, 101))


def test_another_lap_needs_a_place_of_its_own(tmp_path: Path) -> None:
    """The next lap is not covered by the end of this one."""
    places = Places.load(tmp_path / FILE, store_id="s")
    places.reserve("c", Place(0, 100))
    places.save()
    assert not places.covers("c", Place(1, 0))


def test_places_outlive_the_process(tmp_path: Path) -> None:
    """What was saved is found again, by the same store only."""
    places = Places.load(tmp_path / FILE, store_id="s")
    places.reserve("c", Place(3, 100))
    places.save()
    assert Places.load(tmp_path / FILE, store_id="s").saved("c") == Place(3, 100)
    assert Places.load(tmp_path / FILE, store_id="other").saved("c") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"store":"s"}', '{"store":"s","clocks":{"c":{"lap":"x","t_ms":1}}}'])
def test_a_broken_file_counts_as_none(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    """The clock starts anew, and a log line says why."""
    (tmp_path / FILE).write_text(text)
    assert Places.load(tmp_path / FILE, store_id="s").saved("c") is None
    assert "live clock starts anew" in caplog.text


def test_without_a_file_places_live_in_memory() -> None:
    """On a read-only store the clock runs as well."""
    places = Places.load(None, store_id="s")
    places.reserve("c", Place(0, 100))
    places.save()
    assert places.covers("c", Place(9, 999))
    assert places.saved("c") == Place(0, 100)


def test_a_disk_that_refuses_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The clock goes on, and keeps its place again when the disk is back."""
    folder = tmp_path / "gone"
    places = Places.load(folder / FILE, store_id="s")
    places.reserve("c", Place(0, 100))
    with caplog.at_level(logging.WARNING):
        places.save()
        places.save()
    assert len(caplog.records) == 1
    assert places.covers("c", Place(0, 50))
    folder.mkdir()
    places.save()
    assert Places.load(folder / FILE, store_id="s").saved("c") == Place(0, 100)
