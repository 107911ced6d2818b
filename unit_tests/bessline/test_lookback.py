"""The summary from history is the one that the same method gives when it is fed tick by tick."""

import numpy as np
import pytest

from bessline.analytics import Reading, Subject
from bessline.analytics.degradation import Degradation
from bessline.errors import NotKnown
from bessline.lookback import degradation_of
from bessline.managers import Managers
from bessline.sources.base import Float64
from bessline.store.align import as_of


def fed(managers: Managers, device_id: str) -> Degradation:
    """The method after every reading of the device, as the analyst feeds it."""
    device = managers.store.devices[device_id]
    timeline = managers["bess"].timeline(device_id)
    t_ms = managers["bess"].page(device_id, limit=timeline.rows).t_ms
    columns: list[Float64] = []
    for name, entry in device.signals.items():
        rows = managers.store.signal(device_id, name).between(0, int(t_ms[-1]))
        columns.append(as_of(t_ms, *rows, tolerance_ms=entry.tolerance_ms(timeline.period_s))[0])
    method = Degradation(Subject(device_id, tuple(device.signals), timeline.period_s, device.timezone))
    for stamp, value in zip(t_ms.tolist(), np.stack(columns, axis=1), strict=True):
        method.update(Reading(stamp, value))
    return method


@pytest.mark.parametrize("device_id", ["bess1", "bess2"])
def test_history_at_once_says_what_the_walk_says(tiny_managers: Managers, device_id: str) -> None:
    """With single cells, and without."""
    quick, slow = degradation_of(tiny_managers.store, device_id), fed(tiny_managers, device_id)
    assert quick.state() == slow.state()
    assert quick.state()["soh"]["bms"] is not None
    assert ("Rests on 2 charges" in quick.state()["evidence"]) == (device_id == "bess1")


def test_it_may_go_on_from_there(tiny_managers: Managers) -> None:
    method = degradation_of(tiny_managers.store, "bess1")
    later = Reading(2_000_000_000_000, np.full(len(tiny_managers.store.devices["bess1"].signals), np.nan))
    assert method.update(later) == ()


def test_a_device_that_is_not_there(tiny_managers: Managers) -> None:
    with pytest.raises(NotKnown):
        degradation_of(tiny_managers.store, "nobody")
