"""A section: the topics of an audience that one clock drives. Says what goes out at a tick, and with which ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bessline.live.findings import Finding
from bessline.live.frames import Piece
from bessline.live.ids import Amid, LiveId, Spread, wish_mark
from bessline.live.series import Series, Wish

#: An event and the place that a connection has reached with it.
Placed = tuple[LiveId, Wish, Piece]


class Section:
    """Several `series` in a fixed order, all sent up to `place`.

    What waits goes out together every `every` ticks of `step_ms`, at fixed places of data time, so all who joined
    at different moments get the same bytes, and a client that comes back gets the same merges from the store.

    `levels`, where there are any, say of each topic how far it is (ms): of input that comes in when it likes, one topic
    may be behind another. Else all are told up to the place.
    """

    __slots__ = ("_wishes", "every", "findings", "levels", "mark", "place", "series", "step_ms", "urgent")

    def __init__(
        self, series: Sequence[Series], *, place: LiveId, every: int, step_ms: int, levels: Sequence[int] | None = None
    ) -> None:
        self.series, self.place, self.every, self.step_ms = series, place, every, step_ms
        self.mark = wish_mark(each.wish.name for each in series)
        self.urgent = False
        self.findings: list[Finding] = []
        self._wishes = {each.wish.device_id: each.wish for each in series}
        self.levels = None if levels is None or len(series) == 1 else list(levels)
        if self.levels is not None:
            self.place = self._spread(self.levels)

    @property
    def width_ms(self) -> int:
        """The data time that goes out together."""
        return self.every * self.step_ms

    @property
    def reached_ms(self) -> int:
        """How far the foremost topic is."""
        return self.place.t_ms if self.levels is None else max(self.levels)

    def upto_ms(self, index: int) -> int:
        """How far topic number `index` is."""
        return self.place.t_ms if self.levels is None else self.levels[index]

    def is_turn(self, now_ms: int) -> bool:
        """Whether the tick at `now_ms` ends what goes out together, or something waits that may not."""
        return self.urgent or (now_ms // self.step_ms + 1) % self.every == 0

    @property
    def devices(self) -> tuple[str, ...]:
        """Whose topics these are."""
        return tuple(self._wishes)

    def tell(self, finding: Finding) -> None:
        """What the analytics found of one of these devices. It goes out after the readings, and waits for no merge."""
        if finding.device_id in self._wishes:
            self.findings.append(finding)
            self.urgent = True

    def flush(self, upto_ms: int) -> list[Placed]:
        """Take all that waits, which is all up to `upto_ms`, and go there.

        A single topic stands at the stamp of its last reading: what comes late may still lie after it.
        """
        if not self.findings:
            return self._readings(upto_ms)
        before = self.place.findings
        # where a break comes between these readings and the findings behind them, those are still to be told
        placed = [(replace(place, told=before), wish, piece) for place, wish, piece in self._readings(upto_ms)]
        found, self.findings = self.findings, []
        for finding in found:
            self.place = replace(self.place, told=finding.mark)
            wish = self._wishes[finding.device_id]
            placed.append((self.place, wish, Piece(finding.name, finding.t_ms, finding.data)))
        return placed

    def _readings(self, upto_ms: int) -> list[Placed]:
        pieces = [(index, piece) for index, each in enumerate(self.series) for piece in each.take()]
        self.urgent = False
        if len(self.series) == 1:
            placed = [(self.place.at(piece.t_ms), self.series[0].wish, piece) for _, piece in pieces]
            if placed:
                self.place = placed[-1][0]
            return placed
        if self.levels is not None:
            return [self._moved(self.levels, index, piece) for index, piece in pieces]
        placed = list(self._among(pieces, upto_ms))
        self.place = self.place.at(upto_ms)
        return placed

    def _among(self, pieces: Sequence[tuple[int, Piece]], upto_ms: int) -> Iterator[Placed]:
        before = self.place
        for n, (index, piece) in enumerate(pieces, 1):
            if n == len(pieces):
                place = before.at(upto_ms)
            else:
                reached_ms = min(max(piece.t_ms, before.t_ms), upto_ms)
                place = replace(before, amid=Amid(upto_ms, index, reached_ms, self.mark))
            yield place, self.series[index].wish, piece

    def _moved(self, levels: list[int], index: int, piece: Piece) -> Placed:
        levels[index] = max(levels[index], piece.t_ms)
        self.place = self._spread(levels)
        return self.place, self.series[index].wish, piece

    def _spread(self, levels: Sequence[int]) -> LiveId:
        return replace(self.place.at(min(levels)), amid=Spread(tuple(levels), self.mark))

    def twin(self, place: LiveId, *, squash: bool = False) -> Section:
        """An empty section of the same wish at another place; `squash`: one that merges all it is given."""
        series = [Series(each.wish, k=2 if squash else each.k) for each in self.series]
        levels = None if self.levels is None else [place.after_ms(n, self.mark) for n in range(len(series))]
        whole = replace(place, amid=None)
        return Section(series, place=whole, every=self.every, step_ms=self.step_ms, levels=levels)
