"""What every source promises."""

from __future__ import annotations

import pyarrow as pa

from bessline.sources.base import MISSING_MARKERS, REJECT_SCHEMA, SignalId, Source


def test_a_signal_is_named_by_device_topic_and_field() -> None:
    """One spelling for logs, messages and tests."""
    assert str(SignalId("b1", "bms", "soc")) == "b1/bms.soc"


def test_missing_markers_are_lower_case_so_that_one_comparison_suffices() -> None:
    """A marker in capitals could never match."""
    assert all(word == word.lower().strip() for word in MISSING_MARKERS)


def test_rejects_name_line_reason_and_text() -> None:
    """The reject file of the store is written with this schema."""
    assert REJECT_SCHEMA.names == ["line", "reason", "text"]
    assert REJECT_SCHEMA.field("line").type == pa.int64()


def test_a_source_without_jobs_still_says_what_it_refused() -> None:
    """A Source is a plain value with empty defaults."""
    assert Source.__dataclass_fields__["refused"].default == ()
