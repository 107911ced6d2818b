"""Data time in words."""

from bessline.analytics.stamps import utc


def test_milliseconds_are_kept() -> None:
    assert utc(1_714_521_600_123) == "2024-05-01T00:00:00.123Z"
