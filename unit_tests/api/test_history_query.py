"""A wish is checked whole before anything is read."""

import pytest

from api.history_query import HistoryQuery, Wanted, wanted
from bessline.errors import BadParameter
from bessline.managers import Managers


def ask(managers: Managers, **query: object) -> Wanted:
    return wanted(HistoryQuery.model_validate(query), managers["bms"], "bess1")


def test_nothing_said_is_the_whole_history(tiny_managers: Managers) -> None:
    asked = ask(tiny_managers)
    assert (asked.skip, asked.batch_size, asked.ages, asked.resumed) == (0, 100, False, False)
    assert (asked.cursor.start_ms, asked.cursor.end_ms, asked.cursor.fields) == (None, None, None)


def test_fields_come_in_the_order_of_the_contract_each_once(tiny_managers: Managers) -> None:
    assert ask(tiny_managers, fields="voltage, soc,voltage").cursor.fields == ("soc", "voltage")


def test_a_date_is_the_device_s_own_day(tiny_managers: Managers) -> None:
    """The tiny plant stands in Asia/Shanghai, eight hours ahead."""
    cursor = ask(tiny_managers, date="2024-05-01").cursor
    assert (cursor.start_ms, cursor.end_ms) == (1_714_492_800_000, 1_714_579_200_000)


def test_wishes_that_differ_have_keys_that_differ(tiny_managers: Managers) -> None:
    """The key is what the entity tag is made of."""
    wishes: list[dict[str, object]] = [
        {},
        {"skip": 1},
        {"batch_size": 5},
        {"fields": "soc"},
        {"ages": True},
        {"end": "2024-05-02"},
    ]
    assert len({ask(tiny_managers, **wish).key() for wish in wishes}) == len(wishes)
    assert ask(tiny_managers, fields="soc,soh").key() == ask(tiny_managers, fields="soh,soc").key()


def test_a_cursor_goes_on_with_what_it_carries(tiny_managers: Managers) -> None:
    first = ask(tiny_managers, start="2024-05-01", fields="soc")
    text = first.after(1_714_521_660_000).write(tiny_managers.store.id)
    asked = ask(tiny_managers, cursor=text)
    assert asked.resumed
    assert asked.cursor == first.after(1_714_521_660_000)
    assert asked.link(text) == f"cursor={text}&batch_size=100"


def test_the_first_wrong_parameter_is_named(tiny_managers: Managers) -> None:
    wrong: dict[str, dict[str, object]] = {
        "fields": {"fields": "x"},
        "end": {"start": "2024-05-02", "end": "2024-05-01"},
        "skip": {"skip": 0, "cursor": "x"},
    }
    for name, query in wrong.items():
        with pytest.raises(BadParameter) as refused:
            ask(tiny_managers, **query)
        assert refused.value.name == name
