"""Frames: events of one channel, encoded once, ready for every mailbox that wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from bessline.live.ids import LiveId
from bessline.live.merge import Merge, Row


class Encode(Protocol):
    """How an event becomes bytes. The engine knows no wire format; a shell hands one in."""

    def __call__(self, event: str | None, ident: str, data: Mapping[str, object], *, retry_ms: int = 0) -> bytes:
        """`event` is None for the readings of a one-topic stream; `retry_ms` 0 says nothing about retrying."""
        ...


class Frame(NamedTuple):
    """One encoded event: it brings a connection's place to data time `t_ms`. `reading`: it may be merged away."""

    body: bytes
    t_ms: int
    reading: bool


def rfc3339(t_ms: int) -> str:
    """The contract's way to write a time given in ms.

    >>> rfc3339(1_714_521_600_000)
    '2024-05-01T00:00:00.000Z'
    """
    seconds, ms = divmod(t_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=ms * 1000)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes the frames of one (device, topic, fields). `base` names store, clock and lap of the ids."""

    device_id: str
    topic: str
    fields: tuple[str, ...]
    encode: Encode
    base: LiveId

    def pick(self, row: Row) -> dict[str, object]:
        """The row as it stands in history, with only the fields asked for."""
        return {"timestamp": row["timestamp"]} | {name: row[name] for name in self.fields}

    def reading(self, t_ms: int, row: Row) -> Frame:
        """A reading by itself."""
        body = {"device_id": self.device_id} | self.pick(row)
        return Frame(self.encode(None, str(self.base.at(t_ms)), body), t_ms, reading=True)

    def merged(self, merge: Merge) -> Frame:
        """The newest of several readings, with the range of what it stands for."""
        body = {"device_id": self.device_id} | self.pick(merge.row) | {"merged": merge.count, "window": merge.window()}
        return Frame(self.encode(None, str(self.base.at(merge.t_ms)), body), merge.t_ms, reading=True)

    def gap(self, now_ms: int, *, from_ms: int, to_ms: int | None) -> Frame:
        """The source was silent since `from_ms`, until `to_ms` or still."""
        to = None if to_ms is None else rfc3339(to_ms)
        body = {"device_id": self.device_id, "topic": self.topic, "from": rfc3339(from_ms), "to": to}
        return self.named("gap", now_ms, body)

    def reset(self, now_ms: int) -> Frame:
        """Time begins again at `now_ms`. The id comes before the first reading of the lap, which is not sent yet."""
        body = {"device_id": self.device_id, "topic": self.topic, "lap": self.base.lap, "to": rfc3339(now_ms)}
        return self.named("reset", now_ms - 1, body)

    def named(self, event: str, t_ms: int, data: Mapping[str, object], *, retry_ms: int = 0) -> Frame:
        """An event that is not a reading."""
        return Frame(self.encode(event, str(self.base.at(t_ms)), data, retry_ms=retry_ms), t_ms, reading=False)
