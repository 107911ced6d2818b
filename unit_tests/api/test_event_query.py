"""A checked request for events."""

import pytest

from api.event_query import EventQuery, event_page
from bessline.errors import BadCursor
from bessline.live.ids import Told

STORE = "0a1b2c3d"


def page_of(**query: object) -> object:
    return event_page(EventQuery.model_validate(query), device_id="b1", name="anomaly", store_id=STORE, timezone=None)


def test_a_cursor_carries_its_range_and_its_place() -> None:
    """To the very event, within a moment."""
    query = EventQuery(start="1970-01-01", batch_size=7)
    page = event_page(query, device_id="b1", name="anomaly", store_id=STORE, timezone=None)
    behind = page.behind(Told(5, 9))
    assert page_of(cursor=behind.cursor(STORE), batch_size=7) == behind


def test_a_day_is_that_of_the_device() -> None:
    """In its zone."""
    query = EventQuery(date="2024-05-01")
    page = event_page(query, device_id="b1", name="alarm", store_id=STORE, timezone="Asia/Kolkata")
    assert (page.wish.end_ms or 0) - (page.wish.start_ms or 0) == 86_400_000
    assert (page.wish.start_ms or 0) % 86_400_000 == 66_600_000


def test_a_cursor_of_another_store_is_refused() -> None:
    """Its places mean nothing here."""
    page = event_page(EventQuery(), device_id="b1", name="anomaly", store_id="ffffffff", timezone=None)
    with pytest.raises(BadCursor):
        page_of(cursor=page.cursor("ffffffff"))
