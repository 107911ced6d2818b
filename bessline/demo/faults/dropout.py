"""Rows that are not there: a device that was silent, and one signal of it."""

from __future__ import annotations

from bessline.demo.faults.base import Fault, FaultWindow
from bessline.demo.plant import DAY_S, Plant
from bessline.signals import classify

_HOUR = 3600


class Dropout(Fault):
    """All signals of a device for 3 h on the third day; one signal for 12 h on the fifth."""

    name = "dropout"
    device_id = "bess1"
    stem = "pcs1_t_igbt"
    device_span = (2 * DAY_S + 10 * _HOUR, 2 * DAY_S + 13 * _HOUR)
    signal_span = (4 * DAY_S + 6 * _HOUR, 4 * DAY_S + 18 * _HOUR)

    def windows(self, plant: Plant) -> tuple[FaultWindow, ...]:
        """Those of the two that lie within the span."""
        if all(unit.device_id != self.device_id for unit in plant.units):
            return ()
        topic, field = classify(self.stem)
        places = (
            (self.device_span, {"device_id": self.device_id}),
            (self.signal_span, {"device_id": self.device_id, "topic": topic, "field": field}),
        )
        return tuple(
            FaultWindow(self.name, {"hours": (end - start) / _HOUR}, where, start, end)
            for (start, end), where in places
            if end <= plant.span_s
        )

    def hidden(self, device_id: str, *, stem: str) -> tuple[tuple[int, int], ...]:
        """The device's hours for all its signals, and the signal's own."""
        if device_id != self.device_id:
            return ()
        return (self.device_span, self.signal_span) if stem == self.stem else (self.device_span,)
