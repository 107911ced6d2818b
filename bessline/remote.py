"""A server as a client meets it: its address, its refusals, and when to try again. A shell: it knows HTTP."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import httpx
import orjson

from bessline.errors import KeyRefused, NotAccepted, NotServed, ServerError

#: How long to wait at most between two attempts.
LONGEST_WAIT_S = 30.0
_REFUSALS: dict[int, type[ServerError]] = {401: KeyRefused, 403: KeyRefused, 404: NotServed, 422: NotAccepted}
_PASSING = {408, 425, 429, 500, 502, 503, 504, 507}
_SHOWN = 300


def pause_s(failures: int, *, retry_s: float, spread: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after an attempt that had `failures` before it: at first what the server said, then ever longer.

    >>> [pause_s(n, retry_s=2.0, spread=lambda low, high: 1.0) for n in (0, 1, 2, 3, 9)]
    [2.0, 2.0, 4.0, 8.0, 30.0]
    """
    if not failures:
        return min(LONGEST_WAIT_S, retry_s)
    # spread, so that a server that comes back is not met by all at once
    return min(LONGEST_WAIT_S, retry_s * 2.0 ** min(failures - 1, 16) * spread(0.75, 1.25))


class Busy(httpx.TransportError):
    """An answer that will be another one later, perhaps after `after_s` seconds."""

    def __init__(self, message: str, *, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


def server_url(url: str) -> httpx.URL:
    """The address of a server, if it is one.

    Raises
    ------
    NotAccepted
        it is none.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise NotAccepted(str(error), url=url) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise NotAccepted("write the address as http://127.0.0.1:8002", url=url)
    return parsed


def own_url(base: httpx.URL, url: httpx.URL) -> httpx.URL:
    """`url`, if it is of the server of `base`: the key is for nobody else."""
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise ServerError(f"points to another server, {url}", url=str(base))
    return url


def check(answer: httpx.Response) -> None:
    """Let a good answer pass. Raises a `ServerError` for what will not get better, and `Busy` for what may."""
    status = answer.status_code
    if answer.is_success:
        return
    detail = _detail(answer)
    if status in _PASSING:
        after = answer.headers.get("retry-after", "")
        raise Busy(f"{status}: {detail}", after_s=float(after) if after.isdecimal() else 0.0)
    raise _REFUSALS.get(status, ServerError)(f"{status}: {detail}", url=str(answer.url), status=status)


def _detail(answer: httpx.Response) -> str:
    answer.read()
    try:
        problem = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        problem = None
    if not isinstance(problem, Mapping):
        return answer.reason_phrase or "no reason given"
    found = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return str(found)[:_SHOWN]
