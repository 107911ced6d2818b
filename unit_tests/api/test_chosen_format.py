"""The format: by name, by suffix, by Accept; a device whose name looks like a file comes first."""

import pytest
from starlette.requests import Request

from api.chosen_format import addressed, chosen_format
from bessline.errors import BadParameter
from bessline.formats import FORMATS
from bessline.managers import DataManager, Managers


def asked(accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", accept.encode())]})


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("application/vnd.apache.parquet", "parquet"),
        ("application/x-ndjson", "ndjson"),
        ("application/vnd.apache.arrow.stream", "arrow"),
        ("text/html,*/*;q=0.8", "json"),
        ("image/png", "json"),
        ("text/csv;q=0.5,application/json;q=0.4", "csv"),
    ],
)
def test_accept_counts_where_nothing_else_is_said(accept: str, name: str) -> None:
    assert chosen_format(asked(accept), None, None) is FORMATS[name]
    assert chosen_format(asked(accept), "arrow", None) is FORMATS["arrow"]
    assert chosen_format(asked(accept), None, FORMATS["parquet"]) is FORMATS["parquet"]


def test_path_and_parameter_may_agree_but_not_differ() -> None:
    csv = FORMATS["csv"]
    assert chosen_format(asked(""), "csv", csv) is csv
    with pytest.raises(BadParameter, match=r"ends with \.csv, format says arrow"):
        chosen_format(asked(""), "arrow", csv)
    with pytest.raises(BadParameter, match="write one of json, ndjson, csv, parquet, arrow"):
        chosen_format(asked(""), "xlsx", None)


def test_a_suffix_is_a_format(tiny_managers: Managers) -> None:
    bms = tiny_managers["bms"]
    assert [addressed(bms, f"bess1.{name}") for name in FORMATS] == [("bess1", found) for found in FORMATS.values()]
    assert addressed(bms, "bess1.xlsx") == ("bess1.xlsx", None)
    assert addressed(bms, ".csv") == (".csv", None)


def test_a_device_with_that_very_name_comes_first(tiny_managers: Managers) -> None:
    class Dotted(DataManager):
        def devices(self) -> list[str]:
            return ["a", "a.csv"]

    manager = Dotted(tiny_managers.store, "bms")
    assert addressed(manager, "a.csv") == ("a.csv", None)
    assert addressed(manager, "a.csv.csv") == ("a.csv", FORMATS["csv"])
    assert addressed(manager, "a.parquet") == ("a", FORMATS["parquet"])
