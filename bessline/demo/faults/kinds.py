"""Which faults there are: one file a kind, and its class in `KINDS`."""

from __future__ import annotations

import math

from bessline.demo.faults.base import Fault
from bessline.demo.faults.cooling_fault import CoolingFault
from bessline.demo.faults.dropout import Dropout
from bessline.demo.faults.load_shift import LoadShift
from bessline.demo.faults.pcs_efficiency import PcsEfficiency
from bessline.demo.faults.resistance_rise import ResistanceRise
from bessline.demo.faults.sensor_step import SensorStep
from bessline.demo.faults.stuck_sensor import StuckSensor
from bessline.demo.faults.weak_cell import WeakCell
from bessline.demo.plant import DAY_S, Plant
from bessline.errors import BadParameter

KINDS: tuple[type[Fault], ...] = (
    WeakCell,
    Dropout,
    StuckSensor,
    SensorStep,
    CoolingFault,
    PcsEfficiency,
    ResistanceRise,
    LoadShift,
)


def choose(text: str) -> tuple[type[Fault], ...]:
    """The kinds that `text` names: ``none``, ``default`` (all) or a comma list of names.

    Raises
    ------
    BadParameter
        for a name that is none of these.

    >>> [kind.name for kind in choose("dropout")], choose("none")
    (['dropout'], ())
    """
    known = {kind.name: kind for kind in KINDS}
    if text.strip() in ("none", "default"):
        return KINDS if text.strip() == "default" else ()
    names = [name.strip().replace("-", "_") for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        allowed = ", ".join(("none", "default", *known))
        raise BadParameter("faults", f"no fault {unknown[0]!r}; write one of {allowed}, or several names with commas")
    return tuple(kind for kind in KINDS if kind.name in names)


def place(text: str, plant: Plant) -> tuple[Fault, ...]:
    """The faults that `text` names (see `choose`), each at its place in `plant`.

    ``default`` leaves out those for which the span is too short.

    Raises
    ------
    BadParameter
        for an unknown name, and for a named fault that does not fit into the span.

    >>> from bessline.demo.plant import standard_plant
    >>> [fault.name for fault in place("default", standard_plant(days=1, devices=1, seed=1))]
    ['weak_cell']
    """
    faults = tuple(kind(plant) for kind in choose(text))
    fitting = tuple(fault for fault in faults if fault.needs_s <= plant.span_s)
    if text.strip() != "default" and (late := [fault for fault in faults if fault not in fitting]):
        raise BadParameter("days", _too_short(late[0], plant))
    return fitting


def _too_short(fault: Fault, plant: Plant) -> str:
    if math.isinf(fault.needs_s):
        return f"this plant has no place for the fault {fault.name!r}"
    return f"the fault {fault.name!r} needs {math.ceil(fault.needs_s / DAY_S)} days and there are {plant.days}"
