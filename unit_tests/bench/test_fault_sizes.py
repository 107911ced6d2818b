"""How far a fault moves what it disturbs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.fault_sizes import Twins, disturbed, robust_sd, size_of, smooth
from bessline.demo.faults import FaultWindow
from bessline.demo.faults.pcs_efficiency import PcsEfficiency
from bessline.demo.faults.weak_cell import WeakCell
from bessline.demo.plant import DAY_S, standard_plant

T_S = np.arange(10) * 30
WINDOW = FaultWindow("sensor_step", {}, {"cell": "p1_v2"}, 120, 240)


def test_nothing_is_seen_of_a_fault_before_it_begins_nor_after_it_ended() -> None:
    sizes = np.array([50.0, 50, 50, 50, 1, 12, 30, 11, 50, 50])
    assert size_of(sizes, t_s=T_S, window=WINDOW) == (30.0, 150.0)


def test_a_fault_that_stays_small_is_never_visible() -> None:
    assert size_of(np.full(10, 9.9), t_s=T_S, window=WINDOW) == (9.9, None)


def test_of_what_is_not_measured_nothing_is_said() -> None:
    size, visible_s = size_of(np.full(10, np.nan), t_s=T_S, window=WINDOW)
    assert math.isnan(size)
    assert visible_s is None


def test_a_running_mean_counts_only_what_is_there() -> None:
    values = np.array([1.0] * 40 + [np.nan] * 20 + [3.0] * 20)
    assert smooth(values)[39] == 1.0
    assert smooth(values)[-1] == 3.0
    assert np.isnan(smooth(np.full(50, np.nan))).all()


def test_a_spread_is_robust() -> None:
    assert robust_sd(np.array([-1.0, 0.0, 1.0, 500.0, np.nan])) == pytest.approx(1.4826)


def test_a_converter_that_loses_more_is_visible_after_it_began_whatever_else_is_wrong() -> None:
    """The weak cell moves every charge; what is measured is the loss alone."""
    plant = standard_plant(days=5, devices=1, seed=3, packs=1, per_pack=80)
    faults = [WeakCell(plant), PcsEfficiency(plant, first_day=1)]
    (window,) = faults[1].windows()
    size, visible_s = Twins(plant, faults).measure(window)
    assert size > 20
    assert visible_s is not None
    assert window.start_s < visible_s < window.start_s + 2 * DAY_S


def test_a_cell_is_measured_beside_its_pack() -> None:
    plant = standard_plant(days=1, devices=1, seed=3, packs=2, per_pack=3)
    assert disturbed(plant, WINDOW) == ["cells.p1_v1", "cells.p1_v2", "cells.p1_v3"]
