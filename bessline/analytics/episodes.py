"""One cause is told once: what stands out again, or beside what was just told, waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: What was told is told again after so long at the earliest, unless it came to the highest rank.
AGAIN_MS = 6 * 3_600_000
#: The highest rank, and that of what is only odd: it hides nothing that can name a cause.
WORST, VAGUE = 2, -1
#: So many groups may speak within that time.
MOST_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel that stands out now.

    `group`: with which others it shares a cause; `rank`: how severe, 0 the least, `VAGUE` where it cannot say of what.
    """

    channel: str
    group: str
    rank: int


class Episodes:
    """Which of the channels that stand out are news.

    A channel that goes on standing out is told once. Of a group one channel is told, and within six hours it or another
    only if that has the highest rank, which none had before, or if all before was vague and it is not.
    """

    def __init__(self) -> None:
        self._channels: dict[str, tuple[int, int]] = {}
        self._groups: dict[str, tuple[int, int]] = {}

    def news(self, t_ms: int, standing: Sequence[Standing]) -> list[int]:
        """Places of those worth telling at `t_ms`; the oddest come first in `standing`."""
        if not (standing or self._channels):
            return []
        for kept in (self._channels, self._groups):
            for name in [name for name, (at, _) in kept.items() if t_ms - at >= AGAIN_MS]:
                del kept[name]
        return [place for place, one in enumerate(standing) if self._is_news(t_ms, one)]

    def _is_news(self, t_ms: int, one: Standing) -> bool:
        told = self._channels.get(one.channel)
        if told is not None:
            self._channels[one.channel] = (t_ms, told[1])
        known = [kept[1] for kept in (told, self._groups.get(one.group)) if kept is not None]
        if known and not (max(known) < one.rank and (max(known) == VAGUE or one.rank == WORST)):
            return False
        if not known and len(self._groups) >= MOST_GROUPS:
            return False
        self._channels[one.channel] = self._groups[one.group] = (t_ms, one.rank)
        return True
