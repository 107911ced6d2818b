"""A series: one topic of one device as one wish wants it, between what is published and what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bessline.live.frames import Piece
from bessline.live.merge import Merge, Row
from bessline.times import rfc3339

Due = Sequence[tuple[int, Row]]


@dataclass(frozen=True, slots=True)
class Wish:
    """One topic of one device, with the fields wanted, in the order of the contract.

    >>> Wish("b1", "bms", ("soc",)).name
    'b1/bms'
    """

    device_id: str
    topic: str
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names it among others."""
        return f"{self.device_id}/{self.topic}"


class Series:
    """Holds the readings of `wish` until they are sent; with `k` above 1 they are merged."""

    __slots__ = ("k", "merge", "pieces", "wish")

    def __init__(self, wish: Wish, *, k: int) -> None:
        self.wish, self.k = wish, k
        self.pieces: list[Piece] = []
        self.merge = Merge(wish.fields)

    def add(self, due: Due) -> None:
        """Readings that are due now, in order."""
        if self.k > 1:
            for t_ms, row in due:
                self.merge.add(t_ms, row)
        else:
            self.pieces.extend(Piece(None, t_ms, self._said(row)) for t_ms, row in due)

    def tell(self, event: str, t_ms: int, data: dict[str, object]) -> None:
        """An event of this topic that is not a reading. It goes after the readings before it and is never merged."""
        self.settle()
        self.pieces.append(Piece(event, t_ms, {"device_id": self.wish.device_id, "topic": self.wish.topic} | data))

    def gap(self, t_ms: int, *, from_ms: int, to_ms: int | None) -> None:
        """The source was silent since `from_ms`, until `to_ms` or still."""
        self.tell("gap", t_ms, {"from": rfc3339(from_ms), "to": None if to_ms is None else rfc3339(to_ms)})

    def settle(self) -> None:
        """What is merged so far becomes a reading: the newest, with the range of what it stands for."""
        merge = self.merge
        if merge.count:
            data = self._said(merge.row) | {"merged": merge.count, "window": merge.window()}
            self.pieces.append(Piece(None, merge.t_ms, data))
            self.merge = Merge(self.wish.fields)

    def take(self) -> list[Piece]:
        """All that waits, in order."""
        self.settle()
        taken, self.pieces = self.pieces, []
        return taken

    def pick(self, row: Row) -> dict[str, object]:
        """The row as it stands in history, with only the fields asked for."""
        return {"timestamp": row["timestamp"]} | {name: row[name] for name in self.wish.fields}

    def _said(self, row: Row) -> dict[str, object]:
        return {"device_id": self.wish.device_id, **self.pick(row)}


def merged_away(pieces: Iterable[Piece]) -> int:
    """How many readings the merged ones among `pieces` stand for beyond themselves."""
    counts = (piece.data.get("merged", 1) for piece in pieces if piece.event is None)
    return sum(count - 1 for count in counts if isinstance(count, int))
