"""The summary from history is the one that the same method gives when it is fed tick by tick."""

import numpy as np
import pytest

from bessline.analyst.lookback import degradation_of
from bessline.analyst.walk import Walk, subject_of
from bessline.analytics import Reading
from bessline.analytics.degradation import Degradation
from bessline.errors import NotKnown
from bessline.managers import Managers


def fed(managers: Managers, device_id: str) -> Degradation:
    """The method after every reading of the device, as the analyst feeds it."""
    subject = subject_of(device_id, managers.store.devices[device_id])
    assert subject is not None
    walk, method, after_ms = Walk(managers.store, subject), Degradation(subject), None
    while (window := walk.after(after_ms)) is not None:
        for stamp, value in zip(window.t_ms.tolist(), window.value, strict=True):
            method.update(Reading(stamp, value))
        after_ms = int(window.t_ms[-1])
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
