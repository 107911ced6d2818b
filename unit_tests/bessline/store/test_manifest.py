"""The manifest's entries: the one list of what the store needs, and what follows from what is known of a signal."""

from dataclasses import replace

from bessline.store.manifest import DeviceEntry, FileEntry, Manifest, SignalEntry, TopicEntry

SIGNAL = SignalEntry(
    file="a", bytes=1, rows=2, markers=0, start_ms=0, end_ms=1, period_s=30.4, gaps=0, gap_s=0.0, low=0.0, high=1.0,
    out_of_range=0,
)  # fmt: skip
TOPIC = TopicEntry(period_s=30.0, whole_rows=False, timeline="t", rows=2, start_ms=0, end_ms=1, coverage=1.0)
FILE = FileEntry(
    size=9, mtime_ns=1, reading="r", signals=("b1/bms.soc",), rows=2, duplicates=1, conflicts=0, rejected=1,
    reject_files=("r1",), notes={"odd": 1},
)  # fmt: skip


def test_a_value_holds_for_three_periods() -> None:
    """Three of its own periods, the topic's where it has none, or what a change-driven source says."""
    assert SIGNAL.tolerance_ms(60) == 91_200
    assert replace(SIGNAL, period_s=None).tolerance_ms(60) == 180_000
    assert replace(SIGNAL, hold_s=21_600.0).tolerance_ms(60) == 21_600_000


def test_every_file_is_referenced() -> None:
    """Rows and buckets of signals, timelines of topics, rejects of files."""
    device = DeviceEntry(timezone=None, signals={"bms.soc": replace(SIGNAL, pyramid="p")}, topics={"bms": TOPIC})
    manifest = replace(Manifest.new(), devices={"b1": device}, files={"f": FILE})
    assert manifest.referenced() == {"a", "p", "t", "r1"}


def test_a_file_that_grew_keeps_what_became_of_its_rows() -> None:
    """What is counted adds up, and the bytes are those that it has now."""
    behind = replace(FILE, size=20, notes={"odd": 1, "new": 2}, signals=("b1/bms.soh",), reject_files=())
    grown = FILE.grown(behind)
    assert (grown.size, grown.rows, grown.duplicates, grown.conflicts, grown.rejected) == (20, 4, 2, 0, 2)
    assert grown.signals == ("b1/bms.soc", "b1/bms.soh")
    assert (grown.reject_files, grown.notes) == (("r1",), {"odd": 2, "new": 2})
