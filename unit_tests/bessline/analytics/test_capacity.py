"""Capacity is measured in whole charges alone, and cycles are counted in what is known."""

import numpy as np

from bessline.analytics.capacity import Capacity
from bessline.analytics.charges import Charge


def charge(*, rise: float = 80.0, coverage: float = 1.0, steady: bool = True, ah: float = 200.0) -> Charge:
    nothing = np.empty(0)
    return Charge(0, 1, 10.0, 10.0 + rise, 850.0, ah, coverage, steady, nothing.astype(np.int64), nothing, 25.0, 14.0,
                  True, True)  # fmt: skip


def test_only_whole_charges_measure() -> None:
    capacity = Capacity(None)
    for bad in (charge(rise=30.0), charge(coverage=0.9), charge(steady=False)):
        capacity.take(bad)
    assert (capacity.cycles(500.0), capacity.health()["measured"]) == (None, None)
    capacity.take(charge())
    assert capacity.cycles(500.0) == 1.0


def test_health_needs_a_nominal_capacity() -> None:
    known, unknown = Capacity(280.0), Capacity(None)
    for capacity in (known, unknown):
        capacity.take(charge(ah=210.0))
    assert known.health() == {"measured": 93.75, "evidence": "262.5 Ah measured over the newest 1 whole charges"}
    assert unknown.health()["measured"] is None
    assert "no nominal capacity" in unknown.health()["evidence"]


def test_cycles_keep_their_unit() -> None:
    """A battery that ages does not count its cycles in ever smaller ones."""
    capacity = Capacity(None)
    for ah in (200.0,) * 5 + (150.0,) * 20:
        capacity.take(charge(ah=ah))
    assert capacity.cycles(500.0) == 1.0
    assert "250 Ah" in capacity.cycles_evidence(1.0, 0.98)
