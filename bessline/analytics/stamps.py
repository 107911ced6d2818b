"""Data time in words that JSON carries."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(t_ms: int) -> str:
    """RFC 3339, UTC, with milliseconds.

    >>> utc(1714521600000)
    '2024-05-01T00:00:00.000Z'
    """
    return f"{datetime.fromtimestamp(t_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{t_ms % 1000:03d}Z"
