"""The period of a topic, found once and then kept."""

from __future__ import annotations

from collections.abc import Iterable

from bessline.store.manifest import SignalEntry

#: The period of a topic none of whose signals has two values.
LONE_PERIOD_S = 60.0


def first_period_s(signals: Iterable[SignalEntry], *, whole_rows: bool) -> float:
    """The period of a topic: its finest signal's, in whole seconds where a grid is laid (30.4 s becomes 30 s)."""
    periods = [signal.period_s for signal in signals if signal.period_s]
    finest = min(periods, default=LONE_PERIOD_S)
    return finest if whole_rows else float(max(1, round(finest)))
