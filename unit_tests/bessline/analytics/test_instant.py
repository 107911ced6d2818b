"""Times as the contract writes them."""

from bessline.analytics.instant import utc_text


def test_milliseconds_stay() -> None:
    assert utc_text(1_714_521_600_007) == "2024-05-01T00:00:00.007Z"
