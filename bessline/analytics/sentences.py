"""Values and differences in words, with their units."""

from __future__ import annotations

import math

from bessline.analytics.detectors.base import Finding
from bessline.signals import UNIT_SYMBOLS, lookup

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def place(name: str) -> str:
    """What a person calls a stored signal.

    >>> place("cells.p3_v17"), place("cells.p3_t17"), place("bms.voltage")
    ('cell 3/17', 'cell 3/17', 'bms.voltage')
    """
    topic, _, field = name.partition(".")
    if topic != "cells":
        return name
    pack, _, cell = field.partition("_")
    return f"cell {pack[1:]}/{cell[1:]}"


def quantity(name: str, amount: float, *, like: float | None = None) -> str:
    """An amount of signal `name` with its unit, as fine as `like` (itself by default) deserves: four digits.

    >>> quantity("bms.voltage", 812.34), quantity("bms.soc", 50.0), quantity("cells.p3_v17", 3.2141)
    ('812.3 V', '50 %', '3.214 V')
    """
    topic, _, field = name.partition(".")
    row = lookup(topic, field)
    unit = UNIT_SYMBOLS.get(row.unit, row.unit) if row else ""
    scale = max(abs(amount), abs(like or 0.0))
    decimals = 0 if scale == 0 else max(0, min(6, 3 - math.floor(math.log10(scale))))
    text = f"{amount:.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}".rstrip()


def describe(name: str, value: float) -> str:
    """Where and what.

    >>> describe("cells.p3_v17", 3.214)
    'cell 3/17 3.214 V'
    """
    return f"{place(name)} {quantity(name, value)}"


def span(seconds: float) -> str:
    """A length of time, roughly.

    >>> span(90), span(3600), span(64_800), span(200_000)
    ('2 minutes', '1 hour', '18 hours', '2.3 days')
    """
    for unit_s, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= (2 * _DAY if unit_s == _DAY else unit_s):
            amount = f"{seconds / unit_s:.1f}".removesuffix(".0") if unit_s == _DAY else f"{seconds / unit_s:.0f}"
            return f"{amount} {name}{'' if amount == '1' else 's'}"
    return f"{seconds:.0f} seconds"


def against(name: str, value: float, expected: float, *, why: str, usual: float | None = None) -> Finding:
    """A value beside what was expected, and why it was expected.

    >>> against("bms.voltage", 812.3, 843.0, why="what the last hour lets expect").reason
    'bms.voltage 812.3 V, 30.7 V under what the last hour lets expect (843 V)'
    """
    if math.isnan(expected):
        return Finding(value, None, f"{describe(name, value)}, unlike what was seen before")
    apart = quantity(name, abs(value - expected), like=max(abs(value), abs(expected)))
    side = "under" if value < expected else "over"
    typical = f"; usually {quantity(name, usual)}" if usual is not None else ""
    return Finding(
        value, expected, f"{describe(name, value)}, {apart} {side} {why} ({quantity(name, expected)}){typical}"
    )
