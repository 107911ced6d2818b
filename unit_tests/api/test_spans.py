"""The stretch of time that a query asks for. That each resource takes it so is tested with the resource."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from api.spans import range_of, span_of
from bessline.errors import BadParameter

DAY_MS = 86_400_000
MAY_1 = 1_714_521_600_000


@dataclass
class Query:
    start: str | None = None
    end: str | None = None
    date: str | None = None


def test_each_end_may_be_open() -> None:
    assert range_of(Query()) == (None, None)
    assert range_of(Query(start="2024-05-01")) == (MAY_1, None)
    assert range_of(Query("2024-05-01", "2024-05-01")) == (MAY_1, MAY_1)


def test_a_date_is_a_day_of_the_zone() -> None:
    assert span_of(Query(date="2024-05-01"), None) == (MAY_1, MAY_1 + DAY_MS)
    assert span_of(Query(date="2024-05-01"), "Asia/Shanghai")[0] == MAY_1 - 8 * 3_600_000
    assert span_of(Query(start="2024-05-01"), "Asia/Shanghai") == (MAY_1, None)


def test_a_range_cannot_end_before_it_begins() -> None:
    with pytest.raises(BadParameter, match="end is before start"):
        span_of(Query("2024-05-02", "2024-05-01"), None)


@pytest.mark.parametrize("query", [Query(start="2024-05-01", date="2024-05-01"), Query(end="2024", date="2024-05-01")])
def test_a_date_excludes_the_ends(query: Query) -> None:
    with pytest.raises(BadParameter, match="date excludes"):
        span_of(query, None)
