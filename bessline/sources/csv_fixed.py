"""Lines of two cells, ``YYYY-MM-DD HH:MM:SS,<number>``, read eight characters at a time: how exports mostly look.

Whole words of eight characters are looked at as 64-bit numbers, so that a column of stamps or of numbers is read with
some twenty array operations. Every character is checked; what is not exactly of this form is left to other readers.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Int64
from bessline.sources.decimals import Decimals, Int32, Numbers, joined
from bessline.sources.seconds import LAST_S, Seconds, UInt32

_Words = npt.NDArray[np.uint64]
_Chars = npt.NDArray[np.uint8]
_STAMP, _DATE, _MINUTES = 19, 10, 14
_NEWLINE, _RETURN, _MINUS, _ZERO = ord("\n"), ord("\r"), ord("-"), ord("0")
#: What is read of a number at once. Longer ones are rare, and left to others.
_WORD = 8
#: Lines that are read at once: as many as the processor's nearest cache holds.
_AT_ONCE = 4096
_LONGEST, _MOST_WIDTHS = _STAMP + 2 * _WORD, 12
_HOUR_S, _DAY_S = 3600, 86_400


def _word(characters: bytes) -> np.uint64:
    """Eight bytes as the number that they are in memory."""
    return np.uint64(int.from_bytes(characters, "little"))


# What the characters are when all digits are zero, and what must be added to a digit for bit 4 to show that it is too
# large: 6 to one that goes up to 9, 10 to one up to 5, 15 to what must be zero.
_CLOCK, _CLOCK_LIMIT = _word(b"00:00"), _word(bytes([10, 6, 15, 10, 6]))
_NO_DIGIT, _TOO_LARGE = _word(b"\xf0" * 8), _word(b"\x10" * 8)
_UP_TO_HOUR = _word(b"\xff" * 6)
# A product of words adds what was shifted by each of its factors' bits: neighbours are joined to pairs, pairs to more.
_PAIR, _PAIRS = np.uint64(10 << 8 | 1), _word(b"\xff\x00" * 4)
_FOUR, _FOURS = np.uint64(100 << 16 | 1), _word(b"\xff\xff\x00\x00" * 2)
_EIGHT = np.uint64(10_000 << 32 | 1)
_BYTE_UP = np.uint64(255)
_MINUTE_AND_SECOND, _AT_TOP, _FROM_TOP = _word(b"\x00\xff\x00\x00\xff"), np.uint64(60 << 44 | 1 << 20), np.uint32(20)


def parse_fixed(data: bytes | memoryview, *, delimiter: str, decimal: str) -> tuple[Seconds, Numbers] | None:
    """Stamps of the wall clock and values of n whole lines; None if any is of another form, or later than 2106.

    >>> parse_fixed(b"1970-01-01 00:00:01,41.5\\n1970-01-02 00:00:00,-3.0\\n", delimiter=",", decimal=".")
    (Seconds(number=array([    1, 86400], dtype=uint32)), Decimals(number=array([415, -30], dtype=int32), places=1))
    >>> parse_fixed(b"1970-01-01 00:00:61,41.5\\n", delimiter=",", decimal=".")
    """
    if sys.byteorder != "little" or not data or not (delimiter + decimal).isascii():
        return None
    chars = np.frombuffer(data, np.uint8)
    if chars[-1] != _NEWLINE:
        chars = np.append(chars, np.uint8(_NEWLINE))
    marks = delimiter.encode(), decimal.encode()
    ends = np.flatnonzero(chars[: _LONGEST + 1] == _NEWLINE)
    if not len(ends):
        return None
    width = int(ends[0]) + 1
    if len(chars) % width == 0 and (chars[width - 1 :: width] == _NEWLINE).all():
        return _parse(chars.reshape(-1, width), *marks)
    return _by_width(chars, *marks)


def _by_width(chars: _Chars, delimiter: bytes, decimal: bytes) -> tuple[Seconds, Numbers] | None:
    ends = np.flatnonzero(chars == _NEWLINE) + 1
    starts = np.concatenate([[0], ends[:-1]])
    widths = ends - starts
    if widths.max() > _LONGEST or widths.min() <= _STAMP:
        return None
    found = np.flatnonzero(np.bincount(widths)).tolist()
    if len(found) > _MOST_WIDTHS:
        return None
    t_s, parts, order = np.empty(len(starts), np.uint32), list[Numbers](), []
    for width in found:
        rows = np.flatnonzero(widths == width)
        lines = np.ndarray((len(chars) - width + 1,), f"V{width}", chars, strides=(1,))[starts[rows]]
        parsed = _parse(lines.view(np.uint8).reshape(-1, width), delimiter, decimal)
        if parsed is None:
            return None
        t_s[rows] = parsed[0].number
        parts.append(parsed[1])
        order.append(rows)
    place = np.empty(len(starts), np.int64)
    place[np.concatenate(order)] = np.arange(len(starts))
    return Seconds(t_s), joined(parts)[place]


def _parse(lines: _Chars, delimiter: bytes, decimal: bytes) -> tuple[Seconds, Decimals] | None:
    """uint8[n, width], each line ending with its newline."""
    end = lines.shape[1] - 1
    if end > 0 and lines[0, end - 1] == _RETURN:
        end -= 1
        if not (lines[:, end] == _RETURN).all():
            return None
    if not 1 <= end - _STAMP - 1 < _WORD:
        return None
    *stamps, digits = _columns(lines, (0, _WORD, _STAMP - _WORD, end - _WORD))
    t_s = _stamps(lines, stamps)
    if t_s is None:
        return None
    number = _numbers(lines[:, _STAMP + 1 : end], digits, delimiter=delimiter, decimal=decimal)
    return None if number is None else (Seconds(t_s), number)


def _columns(lines: _Chars, places: tuple[int, ...]) -> list[_Words]:
    """The eight characters from each of the `places` of every line as one number a line."""
    count, width = lines.shape
    found = [np.empty(count, np.uint64) for _ in places]
    wanted = [np.ndarray((count,), np.uint64, lines, at, (width,)) for at in places]
    for start in range(0, count, _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        for column, words in zip(found, wanted, strict=True):
            column[rows] = words[rows]
    return found


def _is_valid(digits: _Words, limit: np.uint64) -> bool:
    """Whether all bytes of all words are digits within `limit` (see `_CLOCK_LIMIT`)."""
    if np.bitwise_or.reduce(digits) & _NO_DIGIT:
        return False
    return not np.bitwise_or.reduce(digits + limit) & _TOO_LARGE


def _stamps(lines: _Chars, words: list[_Words]) -> UInt32 | None:
    """What goes up to the hour is read once for each run of lines that share it, the rest of each line."""
    month, hour, clock = words
    hour &= _UP_TO_HOUR
    changed = hour[1:] != hour[:-1]
    changed |= month[1:] != month[:-1]
    runs = np.concatenate([[0], np.flatnonzero(changed) + 1])
    hours_s = _hours(lines[runs, :_MINUTES])
    clock >>= np.uint64(8 * (_WORD - _STAMP + _MINUTES))
    clock ^= _CLOCK
    if hours_s is None or not _is_valid(clock, _CLOCK_LIMIT):
        return None
    clock *= _PAIR
    clock &= _MINUTE_AND_SECOND
    clock *= _AT_TOP
    t_s = clock.view(np.uint32)[1::2] >> _FROM_TOP
    t_s += np.repeat(hours_s, np.diff(runs, append=len(lines)))
    return t_s


def _hours(stamps: _Chars) -> UInt32 | None:
    """The hour of each of uint8[n, 14], `YYYY-MM-DD HH:`, in seconds."""
    digits = stamps[:, [0, 1, 2, 3, 5, 6, 8, 9, 11, 12]] - _ZERO
    hours = digits[:, 8] * 10 + digits[:, 9]
    if (digits > 9).any() or hours.max() > 23 or (stamps[:, _MINUTES - 1] != ord(":")).any():
        return None
    if (stamps[:, [4, 7]] != _MINUS).any():
        return None
    if (stamps[:, _DATE] != stamps[0, _DATE]).any() or stamps[0, _DATE] not in b" Tt":
        return None
    dates = stamps[:, :_DATE].copy().view(f"S{_DATE}")[:, 0]
    days = np.concatenate([[0], np.flatnonzero(dates[1:] != dates[:-1]) + 1])
    try:
        midnights: Int64 = dates[days].astype("M8[D]").astype(np.int64) * _DAY_S
    except ValueError:
        return None
    if midnights.min() < 0 or midnights.max() > LAST_S - _DAY_S:
        return None
    starts = np.repeat(midnights.astype(np.uint32), np.diff(days, append=len(dates)))
    return starts + hours.astype(np.uint32) * np.uint32(_HOUR_S)


def _numbers(chars: _Chars, digits: _Words, *, delimiter: bytes, decimal: bytes) -> Decimals | None:
    """The numbers uint8[n, length] behind the delimiter: digits with at most one mark, at one place in all.

    `digits`: the eight characters up to the end of each. It is changed.
    """
    length = chars.shape[1]
    first = _WORD - length
    places = np.flatnonzero(chars[0] == decimal[0])
    point = int(places[0]) if len(places) else length
    zeros = bytearray(b"\0" * (first - 1) + delimiter + b"0" * length)
    limit = bytearray([0] * (first - 1) + [15] + [6] * length)
    if point < length:
        zeros[first + point], limit[first + point] = decimal[0], 15
    digits ^= _word(bytes(zeros))
    digits &= _word(b"\0" * (first - 1) + b"\xff" * (length + 1))
    count, negative = length - (point < length), None
    if not _is_valid(digits, _word(bytes(limit))):
        negative = chars[:, 0] == _MINUS
        count -= 1
        digits ^= negative.astype(np.uint64) * np.uint64((_MINUS ^ _ZERO) << 8 * first)
        if not _is_valid(digits, _word(bytes(limit))):
            return None
    if count < 1:
        return None
    if 0 < point < length:
        # over the point: 255 times itself more is 256 times itself
        before = digits & _word(b"\0" * first + b"\xff" * point)
        before *= _BYTE_UP
        digits += before
    number = _number(digits, length - (point < length))
    if negative is not None:
        np.negative(number, out=number, where=negative)
    return Decimals(number, max(0, length - point - 1))


def _number(digits: _Words, count: int) -> Int32:
    """The number that the last `count` of eight digits in a word are, the last one in its last byte. Changes `digits`.

    The other digits are zero.
    """
    digits *= _PAIR
    digits >>= np.uint64(8)
    digits &= _PAIRS
    digits *= _FOUR
    if count <= _WORD // 2:
        return digits.view(np.uint16)[3::4].astype(np.int32)
    digits >>= np.uint64(16)
    digits &= _FOURS
    digits *= _EIGHT
    return digits.view(np.int32)[1::2].copy()
