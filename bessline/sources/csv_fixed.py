"""Lines of two cells, ``YYYY-MM-DD HH:MM:SS,<number>``, read eight characters at a time: how exports mostly look.

Whole words of eight characters are looked at as 64-bit numbers, so that a column of stamps or of numbers is read with
some twenty array operations. Every character is checked; what is not exactly of this form is left to other readers.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64

_Words = npt.NDArray[np.uint64]
_Chars = npt.NDArray[np.uint8]
_STAMP, _DATE = 19, 10
_NEWLINE, _RETURN, _MINUS = ord("\n"), ord("\r"), ord("-")
#: What is read of a number at once. Longer ones are rare, and left to others.
_WORD = 8
_MOST_WIDTHS = 12
_DAY_MS = 86_400_000


def _word(characters: bytes) -> np.uint64:
    """Eight bytes as the number that they are in memory."""
    return np.uint64(int.from_bytes(characters, "little"))


# Of ``HH:MM:SS``: what the characters are when all digits are zero, and what must be added to a digit for bit 4 to show
# that it is too large: 6 to one that goes up to 9, 10 to one up to 5, 13 to one up to 2, 15 to what must be zero.
_CLOCK, _CLOCK_LIMIT = _word(b"00:00:00"), _word(bytes([13, 6, 15, 10, 6, 15, 10, 6]))
_NO_DIGIT, _TOO_LARGE = _word(b"\xf0" * 8), _word(b"\x10" * 8)
_PAIR, _PAIRS = np.uint64(10 * 256 + 1), _word(b"\xff\x00" * 4)
_FOUR, _FOURS = np.uint64(100 * 65_536 + 1), _word(b"\xff\xff\x00\x00" * 2)
_EIGHT = np.uint64(10_000 * 2**32 + 1)
_BYTE = np.uint64(255)


def parse_fixed(data: bytes, *, delimiter: str, decimal: str) -> tuple[Int64, Float64] | None:
    """Stamps int64[n] (ms of the wall clock) and values float64[n] of whole lines; None if any is of another form.

    >>> parse_fixed(b"1970-01-01 00:00:01,41.5\\n1970-01-02 00:00:00,-3.0\\n", delimiter=",", decimal=".")
    (array([    1000, 86400000]), array([41.5, -3. ]))
    >>> parse_fixed(b"1970-01-01 00:00:61,41.5\\n", delimiter=",", decimal=".")
    """
    if sys.byteorder != "little" or not data or not (delimiter + decimal).isascii():
        return None
    if not data.endswith(b"\n"):
        data += b"\n"
    marks = delimiter.encode(), decimal.encode()
    width, chars = data.index(b"\n") + 1, np.frombuffer(data, np.uint8)
    if len(chars) % width == 0 and (chars[width - 1 :: width] == _NEWLINE).all():
        return _parse(chars.reshape(-1, width), *marks)
    return _by_width(chars, *marks)


def _by_width(chars: _Chars, delimiter: bytes, decimal: bytes) -> tuple[Int64, Float64] | None:
    ends = np.flatnonzero(chars == _NEWLINE) + 1
    starts = np.concatenate([[0], ends[:-1]])
    widths = ends - starts
    if widths.max() > _STAMP + 2 * _WORD or widths.min() <= _STAMP:
        return None
    found = np.flatnonzero(np.bincount(widths)).tolist()
    if len(found) > _MOST_WIDTHS:
        return None
    t_ms, value = np.empty(len(starts), np.int64), np.empty(len(starts))
    for width in found:
        rows = np.flatnonzero(widths == width)
        lines = np.ndarray((len(chars) - width + 1,), f"V{width}", chars, strides=(1,))[starts[rows]]
        parsed = _parse(lines.view(np.uint8).reshape(-1, width), delimiter, decimal)
        if parsed is None:
            return None
        t_ms[rows], value[rows] = parsed
    return t_ms, value


def _parse(lines: _Chars, delimiter: bytes, decimal: bytes) -> tuple[Int64, Float64] | None:
    """uint8[n, width], each line ending with its newline."""
    end = lines.shape[1] - 1
    if end > 0 and lines[0, end - 1] == _RETURN:
        end -= 1
        if not (lines[:, end] == _RETURN).all():
            return None
    length = end - _STAMP - 1
    if not 1 <= length < _WORD:
        return None
    t_ms = _stamps(lines)
    if t_ms is None:
        return None
    value = _numbers(lines, length, delimiter, decimal)
    return None if value is None else (t_ms, value)


def _column(lines: _Chars, at: int, kind: type[np.unsignedinteger[Any]]) -> Any:
    """The characters from place `at` of every line as one number a line."""
    return np.ndarray((len(lines),), kind, lines, at, (lines.shape[1],)).copy()


def _is_valid(digits: _Words, limit: np.uint64) -> bool:
    """Whether all bytes of all words are digits within `limit` (see `_CLOCK_LIMIT`)."""
    if np.bitwise_or.reduce(digits) & _NO_DIGIT:
        return False
    return not np.bitwise_or.reduce(digits + limit) & _TOO_LARGE


def _stamps(lines: _Chars) -> Int64 | None:
    days = _days(lines)
    clock: _Words = _column(lines, _DATE + 1, np.uint64)
    clock ^= _CLOCK
    if days is None or not _is_valid(clock, _CLOCK_LIMIT):
        return None
    clock *= _PAIR
    clock >>= np.uint64(8)
    seconds = clock & _BYTE
    if seconds.max() > 23:
        return None
    seconds *= np.uint64(60)
    seconds += (clock >> np.uint64(24)) & _BYTE
    seconds *= np.uint64(60)
    clock >>= np.uint64(48)
    clock &= _BYTE
    seconds += clock
    t_ms = seconds.view(np.int64)
    t_ms *= 1000
    t_ms += days
    return t_ms


def _days(lines: _Chars) -> Int64 | None:
    """The midnight of each line in milliseconds: dates are read once for each run of equal ones."""
    year, rest = _column(lines, 0, np.uint32), _column(lines, 3, np.uint64)
    changed = rest[1:] != rest[:-1]
    changed |= year[1:] != year[:-1]
    runs = np.concatenate([[0], np.flatnonzero(changed) + 1])
    dates = np.ascontiguousarray(lines[runs, : _DATE + 1])
    digits = dates[:, [0, 1, 2, 3, 5, 6, 8, 9]] - ord("0")
    if (digits > 9).any() or (dates[:, [4, 7]] != _MINUS).any():
        return None
    if (dates[:, _DATE] != dates[0, _DATE]).any() or dates[0, _DATE] not in b" Tt":
        return None
    try:
        midnights = dates[:, :_DATE].copy().view(f"S{_DATE}")[:, 0].astype("M8[D]").astype(np.int64) * _DAY_MS
    except ValueError:
        return None
    return np.repeat(midnights, np.diff(runs, append=len(lines)))


def _numbers(lines: _Chars, length: int, delimiter: bytes, decimal: bytes) -> Float64 | None:
    """The numbers of `length` characters behind the delimiter: digits with at most one mark, at one place in all."""
    start = _STAMP + 1
    places = np.flatnonzero(lines[0, start : start + length] == decimal[0])
    point = int(places[0]) if len(places) else length
    number: _Words = _column(lines, start + length - _WORD, np.uint64)
    zeros = bytearray(b"\0" * (_WORD - length - 1) + delimiter + b"0" * length)
    limit = bytearray([0] * (_WORD - length - 1) + [15] + [6] * length)
    first = _WORD - length
    if point < length:
        zeros[first + point], limit[first + point] = decimal[0], 15
    negative = lines[:, start] == _MINUS
    signed = bool(negative.any())
    if length - (point < length) - signed < 1:
        return None
    if signed:
        number ^= negative.astype(np.uint64) * np.uint64((_MINUS ^ ord("0")) << 8 * first)
    number ^= _word(bytes(zeros))
    number &= _word(b"\0" * (first - 1) + b"\xff" * (length + 1))
    if not _is_valid(number, _word(bytes(limit))):
        return None
    if point < length:
        before = number & _word(b"\0" * first + b"\xff" * point + b"\0" * (length - point))
        before <<= np.uint64(8)
        number &= _word(b"\0" * (first + point + 1) + b"\xff" * (length - point - 1))
        number |= before
    value = _eight_digits(number).astype(np.float64)
    if point < length - 1:
        value /= 10.0 ** (length - point - 1)
    return np.negative(value, out=value, where=negative) if signed else value


def _eight_digits(digits: _Words) -> Int64:
    """The number that eight digits in a word are, the first one in its first byte. Changes `digits`."""
    digits *= _PAIR
    digits >>= np.uint64(8)
    digits &= _PAIRS
    digits *= _FOUR
    digits >>= np.uint64(16)
    digits &= _FOURS
    digits *= _EIGHT
    digits >>= np.uint64(32)
    return digits.view(np.int64)
