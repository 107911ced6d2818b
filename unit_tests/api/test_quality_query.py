"""What may be asked of coverage and quality: topics, signals, fields; a range or a date."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.quality_query import CoverageQuery, QualityQuery, asked
from bessline.errors import BadParameter, NotKnown
from bessline.quality.report import Asked
from bessline.store import Store


@pytest.fixture(scope="module")
def store(tiny_store: Path) -> Store:
    return Store.open(tiny_store)


def wanted(store: Store, device_id: str = "bess1", *, bess_only: bool = False, **query: object) -> Asked:
    return asked(QualityQuery.model_validate(query), store, device_id, bess_only=bess_only)


def test_all_but_the_cells_are_looked_at(store: Store) -> None:
    names = set(store.devices["bess1"].signals)
    assert set(wanted(store).names) == {name for name in names if not name.startswith("cells.")}


def test_a_topic_stands_for_its_signals(store: Store) -> None:
    assert wanted(store, signals="env, soc,bms.soc").names == ("env.humidity", "env.temperature", "bms.soc")
    assert len(wanted(store, signals="cells").names) == 8


def test_a_date_is_a_day_of_the_device(store: Store) -> None:
    found = wanted(store, date="2024-05-01")
    assert (found.start_ms, found.end_ms) == (1_714_492_800_000, 1_714_579_200_000)
    assert asked(CoverageQuery(), store, "bess1", bess_only=True).stuck_s is None
    assert wanted(store, stuck_hours=6).stuck_s == 6 * 3600


def test_the_next_page_asks_for_the_same_of_later_days(store: Store) -> None:
    """Also where a month was asked for: its end is carried along."""
    query = QualityQuery(signals="env", date="2024-05", stuck_hours=6)
    link = query.link(asked(query, store, "bess1", bess_only=False), 1_714_579_200_000)
    assert link == ("signals=env&stuck_hours=6.0&start=2024-05-01T16%3A00%3A00.000Z&end=2024-05-31T16%3A00%3A00.000Z")


@pytest.mark.parametrize(
    ("query", "moral"),
    [
        ({"date": "May"}, "write a day"),
        ({"date": "2024-05-01", "end": "2024-05-02"}, "excludes start"),
        ({"start": "2024-05-02", "end": "2024-05-01"}, "end is before start"),
        ({"signals": ""}, "empty name"),
    ],
)
def test_what_cannot_be_served_says_how_to_write_it(store: Store, query: dict[str, Any], moral: str) -> None:
    with pytest.raises(BadParameter, match=moral):
        wanted(store, **query)


def test_what_is_not_there_is_not_known(store: Store) -> None:
    with pytest.raises(NotKnown, match="no device 'bess9'; did you mean"):
        wanted(store, "bess9")
    with pytest.raises(NotKnown, match=r"no signal 'env\.temprature'; did you mean 'env\.temperature'"):
        wanted(store, signals="env.temprature")


@pytest.mark.parametrize("hours", [0, -1, 9000, "nan"])
def test_bounds_are_part_of_the_description(hours: object) -> None:
    with pytest.raises(ValidationError):
        QualityQuery.model_validate({"stuck_hours": hours})
