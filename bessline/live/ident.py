"""What an id may be: a place on one clock or on several, or in a replay."""

from __future__ import annotations

from bessline.live.ids import LONGEST, LiveId, ReplayId, parse_single
from bessline.live.joint import JointId, parse_joint

Id = LiveId | JointId | ReplayId


def parse(text: str) -> Id | None:
    """The id written as `text`, or None where it is none of ours.

    >>> parse("r.0a1b2c3d.1714521600000"), parse("42"), parse("")
    (ReplayId(store='0a1b2c3d', t_ms=1714521600000, ended=False, told=0), None, None)
    """
    if len(text) > LONGEST:
        return None
    return parse_single(text) or parse_joint(text)
