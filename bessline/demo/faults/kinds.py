"""Which faults there are: one file a kind, and its class in `KINDS`."""

from __future__ import annotations

from bessline.demo.faults.base import Fault
from bessline.demo.faults.dropout import Dropout
from bessline.demo.faults.weak_cell import WeakCell
from bessline.errors import BadParameter

KINDS: tuple[type[Fault], ...] = (WeakCell, Dropout)


def choose(text: str) -> tuple[Fault, ...]:
    """The faults that `text` names: ``none``, ``default`` (all) or a comma list of names.

    Raises
    ------
    BadParameter
        for a name that is none of these.

    >>> [fault.name for fault in choose("dropout")], choose("none")
    (['dropout'], ())
    """
    known = {kind.name: kind for kind in KINDS}
    if text.strip() in ("none", "default"):
        return tuple(kind() for kind in KINDS) if text.strip() == "default" else ()
    names = [name.strip().replace("-", "_") for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        allowed = ", ".join(("none", "default", *known))
        raise BadParameter("faults", f"no fault {unknown[0]!r}; write one of {allowed}, or several names with commas")
    return tuple(kind() for kind in KINDS if kind.name in names)
