"""Which format an answer has: by `format`, by the suffix of the path, or by `Accept`, in this order."""

from __future__ import annotations

from starlette.requests import Request

from api.preference import preferred
from bessline.errors import BadParameter
from bessline.formats import FORMATS, JSON, Format
from bessline.managers import DataManager

_LONGEST = 64
_OFFERS = [(media_type, found) for found in FORMATS.values() for media_type in found.media_types]


def addressed(manager: DataManager, name: str) -> tuple[str, Format | None]:
    """The device and the format that ``name``, the last part of a path, means.

    A device with exactly this name comes first: names may hold dots.
    """
    stem, _, suffix = name.rpartition(".")
    if not stem or suffix not in FORMATS or name in manager.devices():
        return name, None
    return stem, FORMATS[suffix]


def chosen_format(request: Request, named: str | None, suffix: Format | None) -> Format:
    """The format of the answer; `named` is the parameter, `suffix` what the path says.

    Raises
    ------
    BadParameter
        there is no such format, or the path says another one.
    """
    if named is not None:
        found = FORMATS.get(named)
        if found is None:
            raise BadParameter("format", f"no format {named[:_LONGEST]!r}; write one of {', '.join(FORMATS)}")
        if suffix is not None and suffix is not found:
            raise BadParameter("format", f"the path ends with .{suffix.name}, format says {named}; leave one out")
        return found
    return suffix or _accepted(request.headers.get("accept", ""))


def _accepted(header: str) -> Format:
    """What `Accept` likes best; whoever likes nothing of ours gets JSON."""
    best = preferred(header, [media_type for media_type, _ in _OFFERS])
    return JSON if best is None else _OFFERS[best][1]
