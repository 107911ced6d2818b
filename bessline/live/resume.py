"""Resume: what to tell a client that comes back with an id, and the readings it missed, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bessline.live.frames import Frame, Renderer, rfc3339
from bessline.live.ids import LiveId, ReplayId
from bessline.live.merge import Merge, Row

#: So many missed readings are caught up in the stream; more are named, for history to fetch.
CATCH_UP_ROWS = 10_000
Status = Literal["exact", "gap", "reset"]


@dataclass(frozen=True, slots=True)
class Missing:
    """The readings in (after_ms, upto_ms] were not sent."""

    after_ms: int
    upto_ms: int

    @property
    def half_open(self) -> tuple[int, int]:
        """The same as [start, end) in ms: what history takes."""
        return self.after_ms + 1, self.upto_ms + 1


def missing(last: LiveId | ReplayId | None, position: LiveId) -> Missing | None:
    """What a client whose last id is `last` has not seen when the stream stands at `position`.

    None where that cannot be told: no id of ours, another store or clock, another lap, or later than now.

    >>> missing(LiveId("s", "c", 0, 10), LiveId("s", "c", 0, 30))
    Missing(after_ms=10, upto_ms=30)
    >>> missing(LiveId("s", "c", 0, 10), LiveId("s", "c", 1, 30)) is None
    True
    """
    if not isinstance(last, LiveId) or not position.follows(last):
        return None
    return Missing(last.t_ms, position.t_ms)


def told(
    status: Status, *, missed: int = 0, span: Missing | None = None, history: str | None = None
) -> dict[str, object]:
    """The data of a `resume` event."""
    start = None if span is None else rfc3339(span.after_ms)
    end = None if span is None else rfc3339(span.upto_ms)
    return {"status": status, "missed": missed, "from": start, "to": end, "history": history}


class CatchUp:
    """Frames of missed readings, merged like live ones: `k` at a time at fixed places of data time.

    Parameters
    ----------
    after_ms: the place of the client's id.
    period_ms: the topic's period; a step longer than `tolerance_ms` between two readings gives a `gap` event.
    """

    def __init__(self, render: Renderer, *, k: int, after_ms: int, period_ms: float, tolerance_ms: float) -> None:
        self._render, self._k, self._last_ms = render, k, after_ms
        self._width_ms, self._tolerance_ms = k * period_ms, tolerance_ms
        self._merge = Merge(render.fields)

    def take(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Frame]:
        """The frames that these readings complete."""
        for t_ms, row in rows:
            silent = t_ms - self._last_ms > self._tolerance_ms
            if silent or t_ms // self._width_ms != self._merge.t_ms // self._width_ms:
                yield from self.finish()
            if silent:
                yield self._render.gap(self._last_ms, from_ms=self._last_ms, to_ms=t_ms)
            self._last_ms = t_ms
            if self._k == 1:
                yield self._render.reading(t_ms, row)
            else:
                self._merge.add(t_ms, row)

    def finish(self) -> Iterator[Frame]:
        """What is still pending."""
        if self._merge.count:
            yield self._render.merged(self._merge)
            self._merge = Merge(self._render.fields)
