"""`Range`: the one stretch of a file that a client asks for."""

from __future__ import annotations

import re

from starlette.requests import Request

from bessline.errors import BesslineError

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(BesslineError):
    """The stretch lies behind the end of `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"there are {size} bytes; the range asked for begins behind them")
        self.size = size


def wants_part(request: Request, etag: str) -> bool:
    """Whether a stretch is asked for, and of this version."""
    return "range" in request.headers and request.headers.get("if-range", etag) == etag


def part_headers(request: Request, size: int, etag: str) -> tuple[int, int, dict[str, str]]:
    """What of `size` bytes to send, [start, stop), and how to say it: with Content-Range it is a part, status 206.

    Raises
    ------
    Unsatisfiable
    """
    part = byte_range(request.headers["range"], size) if wants_part(request, etag) else None
    start, stop = part or (0, size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return start, stop, headers


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Positions [start, stop) that `header` asks for in `size` bytes; None where all of it is to be sent.

    Several ranges, other units and what makes no sense are ignored, as HTTP allows or demands; an end or a suffix that
    reaches too far is clamped.

    >>> byte_range("bytes=2-", 10), byte_range("bytes=2-99", 10), byte_range("bytes=-99", 10), byte_range("rows=1-2", 9)
    ((2, 10), (2, 10), (0, 10), None)

    Raises
    ------
    Unsatisfiable
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise Unsatisfiable(size)
    return start, stop
