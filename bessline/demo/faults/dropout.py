"""Rows that are not there: a device that was silent, and one signal of it."""

from __future__ import annotations

from bessline.demo.faults.base import FIRST_DAY, HOUR_S, Fault, FaultWindow, fault_random
from bessline.demo.plant import DAY_S, Plant
from bessline.signals import classify

#: Signals of which one falls silent: such as a device can live without for half a day.
_STEMS = ("pcs1_t_igbt", "pcs1_t_a", "ac1_outside_t", "ac1_rtnWater_t", "dh1_temp", "bms1_cell_ave_t", "bms1_pos_ins")


class Dropout(Fault):
    """All signals of the first device for 3 h of one day; one signal for 12 h of the next but one."""

    name = "dropout"
    device_hours, signal_hours = 3, 12

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        rng = fault_random(plant, self.name)
        device_s = (first_day - 1) * DAY_S + int(rng.integers(0, 20 * HOUR_S))
        signal_s = (first_day + 1) * DAY_S + int(rng.integers(0, 11 * HOUR_S))
        self.device_id = plant.units[0].device_id
        self.stem = _STEMS[int(rng.integers(len(_STEMS)))]
        self.device_span = (device_s, device_s + self.device_hours * HOUR_S)
        self.signal_span = (signal_s, signal_s + self.signal_hours * HOUR_S)
        self.needs_s = self.device_span[1]
        self._span_s = plant.span_s

    def windows(self) -> tuple[FaultWindow, ...]:
        """Those of the two that lie within the span."""
        topic, field = classify(self.stem)
        places = (
            (self.device_span, {"device_id": self.device_id}),
            (self.signal_span, {"device_id": self.device_id, "topic": topic, "field": field}),
        )
        return tuple(
            FaultWindow(self.name, {"hours": (end - start) / HOUR_S}, where, start, end)
            for (start, end), where in places
            if end <= self._span_s
        )

    def hidden(self, device_id: str, *, stem: str) -> tuple[tuple[int, int], ...]:
        """The device's hours for all its signals, and the signal's own."""
        if device_id != self.device_id:
            return ()
        spans = (self.device_span, self.signal_span) if stem == self.stem else (self.device_span,)
        return tuple(span for span in spans if span[1] <= self._span_s)
