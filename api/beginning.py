"""What comes before the first live event: a snapshot, or the answer to the id that the client brought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api.events import encode, opening
from api.listener import Listener
from api.stream_query import LiveWanted
from bessline.live.ids import LiveId
from bessline.live.resume import CATCH_UP_ROWS, Missing, starts, told
from bessline.live.seat import Seat
from bessline.live.series import Wish


class Beginning:
    """Brings a listener into step with its audience."""

    def __init__(self, listener: Listener, seat: Seat, wanted: LiveWanted) -> None:
        self._listener, self._seat, self._wanted = listener, seat, wanted
        listener.seat = seat

    async def run(self) -> None:
        """Until the listener is in step."""
        listener, audience = self._listener, self._seat.audience
        listener.last_ident = audience.ident
        if not self._wanted.came_back:
            listener.places = audience.places
            listener.write(opening() + listener.snapshot())
            listener.in_step = True
            return
        begun = starts(self._wanted.last, audience.places)
        if begun is None:
            listener.write(opening() + encode("resume", audience.ident, told("reset")))
            listener.begin_again()
            return
        await self._resume(begun)

    async def _resume(self, begun: Sequence[LiveId]) -> None:
        listener, audience = self._listener, self._seat.audience
        places, ident, spans = audience.places, audience.ident, self._seat.missing(begun)
        missed = await asyncio.to_thread(self._seat.count, spans)
        span = Missing(min(span.after_ms for _, span in spans), max(span.upto_ms for _, span in spans))
        if missed > CATCH_UP_ROWS:
            links = self._links(spans)
            listener.write(opening() + encode("resume", ident, told("gap", missed=missed, span=span, history=links)))
            listener.places = places
        else:
            listener.last_ident = str(self._wanted.last)
            exact = encode("resume", listener.last_ident, told("exact", missed=missed, span=span))
            listener.write(opening() + exact)
            listener.places = begun
        await listener.walk()

    def _links(self, spans: Sequence[tuple[Wish, Missing]]) -> str | list[str]:
        links = [self._wanted.history_of(wish, span) for wish, span in spans if span.upto_ms > span.after_ms]
        return links if self._wanted.manner.named else links[0]
