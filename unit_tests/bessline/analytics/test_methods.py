"""The methods that run."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.analyst.checkpoint import pack, unpack
from bessline.analytics import Reading, Subject
from bessline.analytics.alarm_rules import RuleBook
from bessline.analytics.base import Analytic
from bessline.analytics.methods import METHODS, go_by, methods_of

PACK = ("bms.soc", "bms.voltage", "bms.current", "pcs.active_power", "meter.active_power")
SIGNALS = (*PACK, "cells.p1_v1", "cells.p1_t1")
SUBJECT = Subject("b1", SIGNALS, 30.0, "Europe/Berlin")


def test_each_method_is_there_once() -> None:
    """A state shows one of each name."""
    names = [method.name for method in METHODS]
    assert names
    assert len(set(names)) == len(names)


def test_options_reach_the_method_that_they_name() -> None:
    """By its name, which is that of its events."""
    made = methods_of(SUBJECT, {"alarm": {"book": RuleBook({"soc_low": None}, {})}})
    assert [type(method) for method in made] == list(METHODS)
    assert made[-1].state()["rules"] == methods_of(SUBJECT)[-1].state()["rules"] - 1


def test_methods_that_were_kept_go_by_the_rules_of_now() -> None:
    """Whoever changes a file of alarms need not have the history seen anew."""
    kept = methods_of(SUBJECT)
    go_by(kept, {"alarm": {"book": RuleBook({"soc_low": None}, {})}})
    assert kept[-1].state()["rules"] == methods_of(SUBJECT)[-1].state()["rules"] - 1


@pytest.mark.parametrize("method", METHODS)
def test_each_can_be_kept(method: type[Analytic]) -> None:
    """A checkpoint holds it, whatever it has learned."""
    one = method(SUBJECT)
    rng = np.random.default_rng(1)
    for n in range(300):
        one.update(Reading(n * 30_000, 50 + rng.normal(size=len(SIGNALS))))
    (other,) = unpack(pack([one]))
    assert other.state() == one.state()
