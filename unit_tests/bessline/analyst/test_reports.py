"""What the process tells."""

from bessline.analyst.reports import Standing


def test_how_far_it_is_behind() -> None:
    """Nothing where nothing is known; never ahead."""
    assert Standing(None, None, 0).behind_ms == 0
    assert Standing(10, 40, 3).behind_ms == 30
    assert Standing(50, 40, 3).behind_ms == 0
    assert Standing(None, 40, 0, first_ms=10).behind_ms == 30
