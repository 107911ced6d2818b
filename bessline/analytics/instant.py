"""An instant of data time, as the contract writes it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_text(t_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds.

    >>> utc_text(1_714_521_600_000)
    '2024-05-01T00:00:00.000Z'
    """
    return datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{t_ms % 1000:03}Z"
