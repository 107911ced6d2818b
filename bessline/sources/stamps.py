"""Timestamps written as text: how they look."""

from __future__ import annotations

import re

import numpy as np

#: What the column of the stamps may be called, lower case; the last is what pandas calls an index without a name.
STAMP_NAMES = ("ts", "timestamp", "time", "datetime", "date", "__index_level_0__")
HOW_TO_WRITE = "write it like 2024-05-01 13:45:00, or with its offset like 2024-05-01T13:45:00+02:00"
#: First and last instant (exclusive) that a stamp may have, UTC: 1970 and 2201.
FIRST_MS, END_MS = 0, int(np.datetime64("2201-01-01", "ms").astype(np.int64))

_HOUR, _MINUTE = r"(?:[01]\d|2[0-3])", r"[0-5]\d"
_CLOCK = rf"[ Tt]({_HOUR}(?::{_MINUTE}(?::{_MINUTE})?)?)(?:\.(\d+))?"
_OFFSET = rf"\s*([Zz]|[+-]{_HOUR}(?::?{_MINUTE})?)?"
STAMP = rf"^\s*(\d{{4}}-\d\d-\d\d)(?:{_CLOCK}{_OFFSET})?\s*$"
_ONE_STAMP = re.compile(STAMP, re.ASCII)


def is_stamp(text: str) -> bool:
    """Whether `text` looks like a stamp.

    >>> is_stamp("2024-05-01 00:00:07"), is_stamp("ts"), is_stamp("2024-05-01 00:0")
    (True, False, False)
    """
    return _ONE_STAMP.match(text) is not None


def has_offset(text: str) -> bool:
    """Whether the stamp `text` says its zone.

    >>> has_offset("2024-05-01T00:00:07Z"), has_offset("2024-05-01")
    (True, False)
    """
    match = _ONE_STAMP.match(text)
    return match is not None and match[4] is not None


def is_finer_than_ms(text: str) -> bool:
    """Whether the stamp `text` has more than three decimals of a second."""
    match = _ONE_STAMP.match(text)
    return match is not None and len(match[3] or "") > 3
