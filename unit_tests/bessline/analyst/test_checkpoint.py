"""Checkpoints: bytes that check themselves and hold nothing but methods."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

from bessline.analyst.checkpoint import BadCheckpoint, _digest, pack, unpack
from bessline.analytics import Reading, Subject
from unit_tests.bessline.analyst.watching import Smoothed

SUBJECT = Subject("b1", ("bms.soc",), 30.0)


@pytest.mark.usefixtures("trusted")
def test_what_comes_back_goes_on_as_if_nothing_had_been() -> None:
    """To the last bit."""
    one = Smoothed(SUBJECT)
    one.update(Reading(0, np.array([50.0])))
    (other,) = unpack(pack([one]))
    for method in (one, other):
        method.update(Reading(1, np.array([50.1])))
    assert one.state() == other.state()


@pytest.mark.usefixtures("trusted")
def test_a_flipped_bit_is_found() -> None:
    """Wherever it is."""
    data = pack([Smoothed(SUBJECT)])
    for at in range(0, len(data), 7):
        with pytest.raises(BadCheckpoint):
            unpack(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_it_runs_no_code_of_others() -> None:
    """A file in a store is data, whoever wrote it."""

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("false",)

    body = pickle.dumps([Evil()])
    with pytest.raises(BadCheckpoint, match=r"it holds posix\.system"):
        unpack(_digest(body) + body)


def test_other_things_are_no_methods() -> None:
    """Harmless or not."""
    body = pickle.dumps({"a": 1})
    with pytest.raises(BadCheckpoint, match="no methods"):
        unpack(_digest(body) + body)
