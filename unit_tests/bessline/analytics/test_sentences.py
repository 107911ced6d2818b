"""Values in words."""

from bessline.analytics.sentences import against, quantity, span


def test_a_difference_is_as_fine_as_the_values() -> None:
    reason = against("cells.p3_v17", 3.214, 3.255, why="its pack's median").reason
    assert reason == "cell 3/17 3.214 V, 0.041 V under the 3.255 V that its pack's median lets expect"


def test_it_says_how_far_that_is_beyond_the_usual() -> None:
    reason = against("bms.voltage", 812.3, 843.0, why="the last hour", usual=1.0, since="the last hour").reason
    assert "on average of the last hour 30.7 V under the 843 V" in reason
    assert reason.endswith(", 31 times the usual 1 V")
    assert "usual" not in against("bms.voltage", 812.3, 843.0, why="it", usual=0.0).reason


def test_what_was_not_expected_at_all_is_said_so() -> None:
    found = against("bms.soc", 50.0, float("nan"), why="anything")
    assert found.expected is None
    assert found.reason == "bms.soc 50 %, unlike what was seen before"


def test_unknown_signals_have_no_unit() -> None:
    assert quantity("unclassified.door", 1.5) == "1.5"


def test_short_spans() -> None:
    assert span(20) == "20 seconds"
