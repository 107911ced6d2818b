"""Times and dates as a client writes them, and as we answer them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bessline.errors import BadParameter

HOW_TIME = "write RFC 3339 with Z or an offset, as 2024-05-01T00:00:00Z, or a bare date, as 2024-05-01"
HOW_DATE = "write a day as 2024-05-01 or a month as 2024-05"
HOW_PLUS = "the + of an offset arrives as a space: write it as %2B in a URL, as 2024-05-01T00:00:00%2B02:00"

# naive on purpose: offsets are taken off by hand, so that no year overflows
_EPOCH = datetime(1970, 1, 1)
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<clock>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d{1,9}))?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_LOST_PLUS = re.compile(r".*\d\d:\d\d\S* \d\d:?\d\d", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?", re.ASCII)
_LONGEST = 40


def parse_time(name: str, text: str) -> int:
    """Milliseconds since the epoch of parameter `name`; a finer fraction is rounded up, so that ranges stay exact.

    >>> parse_time("start", "1970-01-01T01:00:00.0001+01:00"), parse_time("start", "1970-01-02")
    (1, 86400000)
    """
    if len(text) <= _LONGEST and _LOST_PLUS.fullmatch(text):
        raise BadParameter(name, f"{name} {text!r} has no zone that can be read; {HOW_PLUS}")
    match = _TIME.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise BadParameter(name, f"{name} {text[:_LONGEST]!r} is not a time; {HOW_TIME}")
    if match["clock"] and not match["zone"]:
        raise BadParameter(name, f"{name} {text!r} has no zone; {HOW_TIME}")
    try:
        local = datetime.fromisoformat(match["day"] + "T" + (match["clock"] or "00:00"))
    except ValueError:
        raise BadParameter(name, f"{name} {text!r} is not a time that exists; {HOW_TIME}") from None
    whole = (local - _EPOCH) // timedelta(milliseconds=1) - _offset_ms(name, match["zone"])
    return whole + -(-int((match["fraction"] or "0").ljust(9, "0")) // 1_000_000)


def _offset_ms(name: str, zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise BadParameter(name, f"{name} has the offset {zone}, which does not exist; {HOW_TIME}")
    return (1 if zone[0] == "+" else -1) * (hours * 60 + minutes) * 60_000


def parse_date(text: str, timezone: str | None) -> tuple[int, int]:
    """The half-open range [start, end) in milliseconds of a local day or month; a DST day has 23 or 25 hours.

    >>> start, end = parse_date("2024-03-31", "Europe/Berlin")
    >>> (end - start) / 3_600_000
    23.0
    """
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise BadParameter("date", f"date {text[:_LONGEST]!r} is neither a day nor a month; {HOW_DATE}")
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    try:
        first = date(year, month, day)
        last = first + timedelta(days=1) if match[3] else date(year + month // 12, month % 12 + 1, 1)
    except (ValueError, OverflowError):
        raise BadParameter("date", f"date {text!r} does not exist or lies too far out; {HOW_DATE}") from None
    zone = _zone(timezone)
    return _midnight_ms(first, zone), _midnight_ms(last, zone)


def _zone(timezone: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise BadParameter(
            "date", f"the zone {timezone!r} of this device is unknown here; give start and end instead"
        ) from None


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    midnight = datetime(day.year, day.month, day.day)
    offset = midnight.replace(tzinfo=zone).utcoffset() or timedelta()
    return (midnight - _EPOCH - offset) // timedelta(milliseconds=1)


def rfc3339(t_ms: int) -> str:
    """A stamp as the contract writes it.

    >>> rfc3339(1_714_521_600_000)
    '2024-05-01T00:00:00.000Z'
    """
    return (_EPOCH + timedelta(milliseconds=t_ms)).isoformat(timespec="milliseconds") + "Z"
