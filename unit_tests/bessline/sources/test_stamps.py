"""How timestamps look that are written as text."""

from bessline.sources.stamps import END_MS, is_finer_than_ms


def test_fine_stamps_are_seen() -> None:
    """More than three decimals need a finer type in the fast reader."""
    assert is_finer_than_ms("2024-05-01 00:00:07.123456")
    assert not is_finer_than_ms("2024-05-01 00:00:07.123")
    assert END_MS > 0
