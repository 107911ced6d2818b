"""What a client asks of `/stream`: many devices and topics on one connection, checked before the stream starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from api.fields import fields_among
from api.stream_query import LiveQuery, LiveWanted, last_id
from bessline.errors import BadParameter, NotKnown
from bessline.live.audience import Manner
from bessline.live.ids import ReplayId
from bessline.live.joint import MOST_CLOCKS
from bessline.live.player import Player
from bessline.live.series import Wish
from bessline.managers import Managers
from bessline.signals import READING_TOPICS

#: More topics of devices than this would make one tick larger than what a connection may hold.
MOST_SERIES = 256
ALL = "*"


class ManyQuery(LiveQuery):
    """The parameters of `/stream`; any other name is refused."""

    devices: Annotated[str, Field(description="names of devices with commas between, or * for all")] = ALL
    topics: Annotated[
        str | None,
        Field(
            description=f"topics with commas between, of {', '.join(READING_TOPICS)}, bess; all but bess where absent"
        ),
    ] = None


def many_wanted(request: Request, query: ManyQuery, player: Player) -> LiveWanted:
    """The checked request.

    Raises
    ------
    NotKnown, BadParameter
    """
    managers = player.managers
    for name, value in (("start", query.start), ("end", query.end), ("speed", query.speed)):
        if value is not None:
            how = "ask /{topic}/{device_id}/stream for a replay; /stream is what happens now"
            raise BadParameter(name, f"{name} belongs to a replay, which is of one topic of one device: {how}")
    wishes = _wishes(managers, _devices(managers, query.devices), _topics(managers, query.topics))
    wishes = with_fields(wishes, query.fields)
    _check_size(wishes, player)
    came_back, last = last_id(request.headers.get("last-event-id"), query.last_event_id)
    return LiveWanted(
        wishes=tuple(wishes),
        manner=Manner(query.interval, named=True, analytics=query.analytics),
        max_events=query.max_events,
        came_back=came_back,
        last=None if isinstance(last, ReplayId) and not last.ended else last,
        fields_asked=query.fields is not None,
    )


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in text.split(",")))


def _devices(managers: Managers, text: str) -> list[str]:
    known = sorted(managers.store.devices)
    if text.strip() == ALL:
        return known
    for name in (names := _names(text)):
        if name not in known:
            raise NotKnown("device", name, known=known)
    return sorted(names)


def _topics(managers: Managers, text: str | None) -> list[str]:
    if text is None:
        return list(READING_TOPICS)
    for name in (names := _names(text)):
        if name not in managers:
            raise NotKnown("topic", name, known=list(managers))
    return [topic for topic in managers if topic in names]


def _wishes(managers: Managers, devices: Sequence[str], topics: Sequence[str]) -> list[Wish]:
    """In a fixed order, so that the same wish shares the same bytes."""
    holding = {topic: set(managers[topic].devices()) for topic in topics}
    found = [
        Wish(device_id, topic, managers[topic].fields)
        for device_id in devices
        for topic in topics
        if device_id in holding[topic]
    ]
    if not found:
        raise BadParameter("topics", f"none of these devices has any of the topics {', '.join(topics)}")
    return found


def with_fields(wishes: Sequence[Wish], text: str | None) -> list[Wish]:
    """Each wish with those of the fields asked for that its topic has; topics that have none are left out.

    >>> bms, pcs = Wish("b1", "bms", ("soc", "soh")), Wish("b1", "pcs", ("frequency",))
    >>> [(wish.topic, wish.fields) for wish in with_fields([bms, pcs], "soh,soc")]
    [('bms', ('soc', 'soh'))]
    """
    known = list(dict.fromkeys(name for wish in wishes for name in wish.fields))
    asked = fields_among(known, text, what="field {} in these topics")
    if asked is None:
        return list(wishes)
    picked = [Wish(wish.device_id, wish.topic, tuple(name for name in wish.fields if name in asked)) for wish in wishes]
    return [wish for wish in picked if wish.fields]


def _check_size(wishes: Sequence[Wish], player: Player) -> None:
    if len(wishes) > MOST_SERIES:
        raise BadParameter(
            "devices", f"{len(wishes)} topics of devices on one connection; {MOST_SERIES} fit: ask for fewer devices"
        )
    by_clock: dict[str, str] = {}
    for wish in wishes:
        channel = player.hub.channels.get((wish.device_id, wish.topic))
        if channel is not None:
            by_clock.setdefault(channel.base.clock, wish.device_id)
    if len(by_clock) > MOST_CLOCKS:
        names = ", ".join(list(by_clock.values())[:MOST_CLOCKS])
        raise BadParameter(
            "devices",
            f"these devices go by {len(by_clock)} clocks (live input, or histories that do not overlap); an id holds "
            f"the places of {MOST_CLOCKS}: name devices of at most {MOST_CLOCKS} clocks, such as {names}",
        )
