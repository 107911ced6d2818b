"""The frame that analytics share. What each of them promises is tested in `test_contracts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bessline.analytics import Analytic, Event, Reading, Subject


class Loudest(Analytic):
    """Says what is higher than anything before."""

    name = "anomaly"

    def __init__(self, subject: Subject) -> None:
        self._highest = np.full(len(subject.signals), -np.inf)

    def update(self, reading: Reading) -> Sequence[Event]:
        higher = reading.value > self._highest
        self._highest = np.fmax(self._highest, reading.value)
        return [Event(self.name, reading.t_ms, {"signal": int(n)}) for n in np.flatnonzero(higher)]

    def state(self) -> dict[str, Any]:
        return {"signals": len(self._highest)}


def test_a_method_needs_but_two_verbs() -> None:
    loudest = Loudest(Subject("bess1", ("bms.soc", "bms.voltage"), 30.0))
    assert len(loudest.update(Reading(0, np.array([1.0, np.nan])))) == 1
    assert [event.data["signal"] for event in loudest.update(Reading(1, np.array([0.0, 5.0])))] == [1]


def test_a_method_without_its_verbs_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Analytic(Subject("bess1", (), 30.0))  # type: ignore[abstract]
