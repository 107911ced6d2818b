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


def number(amount: float, fine: float) -> str:
    """A number with as many decimals as two digits of `fine` deserve, which it is told beside.

    >>> number(843.21, 0.312), number(1.5, 20.0), number(0.0271, 0.0271)
    ('843.21', '2', '0.027')
    """
    decimals = 3 if fine == 0 else max(0, min(4, 1 - math.floor(math.log10(abs(fine)))))
    return f"{amount:.{decimals}f}"


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


def the_last(seconds: float) -> str:
    """A stretch of time that ends now.

    >>> the_last(3600), the_last(10_800)
    ('the last hour', 'the last 3 hours')
    """
    return f"the last {span(seconds).removeprefix('1 ')}"


def against(
    name: str, value: float, expected: float, *, why: str, usual: float | None = None, since: str = ""
) -> Finding:
    """A value beside what was expected and why, and how far from that it usually is.

    `since`: over which time the distance is a mean, where it is not that of this moment.

    >>> against("bms.voltage", 812.3, 843.0, why="the last hour", usual=4.0).reason
    'bms.voltage 812.3 V, 30.7 V under the 843 V that the last hour lets expect, 7.7 times the usual 4 V'
    """
    if math.isnan(expected):
        return Finding(value, None, f"{describe(name, value)}, unlike what was seen before")
    size = abs(value - expected)
    apart = quantity(name, size, like=max(abs(value), abs(expected)))
    side = "under" if value < expected else "over"
    mean = f"on average of {since} " if since else ""
    words = f"{describe(name, value)}, {mean}{apart} {side} the {quantity(name, expected)} that {why} lets expect"
    return Finding(value, expected, words + habit(name, size, usual))


def habit(name: str, size: float, usual: float | None) -> str:
    """How many times the usual distance `size` is; nothing where the usual one is not known.

    >>> habit("bms.voltage", 30.7, 4.0), habit("bms.voltage", 30.7, None)
    (', 7.7 times the usual 4 V', '')
    """
    if usual is None or not 0 < usual < math.inf:
        return ""
    times = size / usual
    return f", {times:.{1 if times < 10 else 0}f} times the usual {quantity(name, float(f'{usual:.2g}'))}"
