"""The rules are data: complete, with units, and to be changed by device."""

import math

import pytest

from bessline.alarm_file import unit_of
from bessline.analytics.alarm_rules import RULES, STANDARD, Rule, RuleBook


def rule(comparison: str, hysteresis: float = 0.0) -> Rule:
    return Rule("x", "x", "bms.soc", comparison, 20.0, "%", hysteresis=hysteresis)  # type: ignore[arg-type]


@pytest.mark.parametrize("each", RULES, ids=lambda rule: str(rule.name))
def test_every_rule_watches_something_known_in_its_unit(each: Rule) -> None:
    assert unit_of(each.signal) == each.unit
    assert each.hysteresis >= 0
    assert each.what


@pytest.mark.parametrize(
    ("comparison", "under", "at", "over"),
    [(">", False, False, True), (">=", False, True, True), ("<", True, False, False), ("<=", True, True, False)],
)
def test_comparisons_mean_what_they_say(comparison: str, under: bool, at: bool, over: bool) -> None:
    assert [rule(comparison).is_bad(value) for value in (19.9, 20.0, 20.1)] == [under, at, over]


def test_nan_is_neither_bad_nor_good() -> None:
    for comparison in (">", ">=", "<", "<="):
        assert not rule(comparison).is_bad(math.nan)
        assert not rule(comparison).is_good(math.nan)


def test_good_is_back_by_the_hysteresis() -> None:
    assert [rule(">", 2).is_good(value) for value in (19.0, 18.1, 18.0)] == [False, False, True]
    assert [rule("<", 2).is_good(value) for value in (20.0, 21.9, 22.0)] == [False, False, True]
    assert not rule(">=").is_good(20.0)


def test_a_device_has_its_own_thresholds() -> None:
    book = RuleBook({"soc_low": 15.0}, {"bess2": {"soc_low": 5.0, "igbt_hot": None}}, ((rule(">"), ("bess2",)),))
    found = {device: {each.name: each.threshold for each in book.of(device)} for device in ("bess1", "bess2")}
    assert found["bess1"]["soc_low"] == 15.0
    assert found["bess2"]["soc_low"] == 5.0
    assert "igbt_hot" not in found["bess2"]
    assert ("x" in found["bess1"], "x" in found["bess2"]) == (False, True)
    assert STANDARD.of("anything") == RULES
