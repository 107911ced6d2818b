"""Rules: a source says the same of all its rows; live input goes on as it was read."""

from pathlib import Path

from bessline.sources.base import SignalId, Source
from bessline.store.manifest import DeviceEntry, SignalEntry, TopicEntry
from bessline.store.rules import LiveRules, Rules, SourceRules

SOC = SignalId("b1", "bms", "soc")
ENTRY = SignalEntry(
    file="a", bytes=1, rows=1, markers=0, start_ms=0, end_ms=0, period_s=1, gaps=0, gap_s=0, low=1, high=1,
    out_of_range=0, hold_s=7.0,
)  # fmt: skip


def asked(rules: Rules) -> tuple[object, ...]:
    topic = ("b1", "bms")
    return rules.timezone("b1"), rules.whole_rows(*topic), rules.period_s(*topic), rules.hold_s(SOC, ENTRY)


def test_a_source_speaks_for_all_its_devices() -> None:
    """Its rows tell the period."""
    source = Source(Path("x"), "wide table", "Asia/Shanghai", whole_rows=True, jobs=(), hold_s=60.0)
    assert asked(SourceRules(source)) == ("Asia/Shanghai", True, None, 60.0)


def test_live_input_keeps_what_was_read_of_it() -> None:
    """Zone, stamps and period of the device as it read in memory; how long a value holds as it was stored."""
    topic = TopicEntry(period_s=5, whole_rows=False, timeline="", rows=1, start_ms=0, end_ms=0, coverage=1)
    rules = LiveRules({"b1": DeviceEntry(timezone="Europe/Berlin", topics={"bms": topic})})
    assert asked(rules) == ("Europe/Berlin", False, 5, 7.0)
    assert rules.hold_s(SOC, None) is None
