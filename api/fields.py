"""Fields as a client lists them, checked against those that there are."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bessline.errors import BadParameter

_LONGEST = 64
#: So many names are told to whoever is far from all of them.
_TOLD = 16


def fields_among(known: Sequence[str], text: str | None, *, what: str = "field {}") -> tuple[str, ...] | None:
    """The fields of the comma list `text` in the order of `known`, each once; None where nothing is said.

    `what` says what a name that is not known would have been, with {} for the name.

    >>> fields_among(("soc", "soh", "voltage"), "voltage, soc")
    ('soc', 'voltage')
    """
    if text is None:
        return None
    asked = {name.strip() for name in text.split(",")}
    for name in sorted(asked.difference(known)):
        raise BadParameter("fields", f"no {what.format(repr(name[:_LONGEST]))}; {_hint(name, known)}")
    return tuple(name for name in known if name in asked)


def _hint(name: str, known: Sequence[str]) -> str:
    near = sorted(difflib.get_close_matches(name[:_LONGEST], known, n=3, cutoff=0.5))
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    told = ", ".join(known[:_TOLD])
    return f"there is {told}" + (" and more" if len(known) > _TOLD else "")
