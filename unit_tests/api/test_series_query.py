"""What may be asked of /series: names are found, or those near to them are told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.series_query import MOST_TOGETHER, SeriesQuery, wishes
from bessline.errors import BadParameter, NotKnown
from bessline.store import Store


@pytest.fixture(scope="module")
def store(tiny_store: Path) -> Store:
    return Store.open(tiny_store)


def asked(device_id: str, signals: str, **more: object) -> SeriesQuery:
    return SeriesQuery.model_validate({"device_id": device_id, "signals": signals, **more})


def test_devices_times_signals_are_asked_for_in_their_order(store: Store) -> None:
    """A signal that one of them does not have is left out there."""
    found = wishes(asked("bess2,m1,bess1", "meter.active_power, cells.p1_v2,bms.soc"), store)
    assert [(wish.device_id, wish.name) for wish in found] == [
        ("bess2", "bms.soc"),
        ("m1", "meter.active_power"),
        ("bess1", "cells.p1_v2"),
        ("bess1", "bms.soc"),
    ]


def test_a_field_alone_will_do_where_it_is_one(store: Store) -> None:
    assert [wish.name for wish in wishes(asked("bess1", "soc,bms.soc,p1_v1"), store)] == ["bms.soc", "cells.p1_v1"]
    with pytest.raises(BadParameter, match=r"in several topics; write aux\.active_power or meter\.active_power"):
        wishes(asked("bess1,m1", "active_power"), store)


@pytest.mark.parametrize(
    ("device_id", "signals", "moral"),
    [
        ("bess9", "bms.soc", "no device 'bess9'; did you mean 'bess"),
        ("bess1", "bms.sco", "no signal 'bms.sco'; did you mean .*'bms.soc'"),
        ("bess1", "sco", "no signal 'sco'; did you mean .*'soc'"),
        ("m1", "bms.soc", "no signal 'bms.soc'"),
        ("bess1", "x" * 5000, "no signal 'x{64}'$"),
    ],
)
def test_what_is_not_there_is_not_known(store: Store, device_id: str, signals: str, moral: str) -> None:
    with pytest.raises(NotKnown, match=moral):
        wishes(asked(device_id, signals), store)


@pytest.mark.parametrize(
    ("more", "moral"),
    [
        ({"signals": "bms.soc,"}, "empty name"),
        ({"device_id": ""}, "empty name"),
        ({"start": "2024-05-02", "end": "2024-05-01"}, "end is before start"),
        ({"start": "2024-05-01T00:00:00"}, "has no zone"),
    ],
)
def test_what_cannot_be_served_says_how_to_write_it(store: Store, more: dict[str, str], moral: str) -> None:
    with pytest.raises(BadParameter, match=moral):
        wishes(asked(**({"device_id": "bess1", "signals": "bms.soc"} | more)), store)


@pytest.mark.parametrize("more", [{"max_points": 9}, {"max_points": 100_001}, {"resolution": "2h"}, {"format": "csv"}])
def test_bounds_are_part_of_the_description(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        asked("bess1", "bms.soc", **more)


def test_a_zone_is_one_for_all_or_that_of_each_device(store: Store) -> None:
    """The tiny plant says that it stands in Berlin."""
    named = wishes(asked("bess1,m1", "bms.soc,meter.active_power", resolution="1d", timezone="Asia/Kolkata"), store)
    assert [wish.zone for wish in named] == ["Asia/Kolkata"] * 2
    own = wishes(asked("bess1,m1", "bms.soc,meter.active_power", resolution="1h", timezone="device"), store)
    assert [wish.zone for wish in own] == [store.devices[wish.device_id].timezone for wish in own]
    assert own[0].zone is not None
    assert [wish.zone for wish in wishes(asked("bess1", "bms.soc", resolution="1d"), store)] == [None]


@pytest.mark.parametrize(
    ("more", "moral"),
    [
        ({"timezone": "Europe/Belin", "resolution": "1d"}, r"'Europe/Belin' is unknown; did you mean .*Europe/Berlin"),
        ({"timezone": "Europe/Berlin"}, "write resolution=1h or 1d"),
        ({"timezone": "Europe/Berlin", "resolution": "15min"}, "write resolution=1h or 1d"),
    ],
)
def test_a_zone_that_cannot_be_served_says_why(store: Store, more: dict[str, str], moral: str) -> None:
    with pytest.raises(BadParameter, match=moral):
        wishes(asked("bess1", "bms.soc", **more), store)


def test_an_answer_has_a_bound_too(store: Store) -> None:
    """And what is told to write instead is served."""
    names = ",".join(f"cells.p1_{kind}{cell}" for kind in "vt" for cell in range(1, 5))
    wishes(asked("bess1", names, max_points=100_000), store)
    names += ",bms.soc,bms.soh,bms.voltage"
    with pytest.raises(BadParameter, match=f"write max_points={MOST_TOGETHER // 11} or less"):
        wishes(asked("bess1", names, max_points=100_000), store)
    assert len(wishes(asked("bess1", names, max_points=MOST_TOGETHER // 11), store)) == 11
