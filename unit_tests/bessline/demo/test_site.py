"""The site and its meters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.demo.plant import STEPS
from bessline.demo.site import Meter, Register, site_day


def test_the_sun_shines_by_day() -> None:
    """No photovoltaic power at midnight, some at noon, never less than none."""
    pv = site_day(1, day=0).pv_kw
    assert pv[0] == pv[-1] == 0.0
    assert pv[STEPS // 2] > 5
    assert pv.min() == 0.0


def test_a_workday_consumes_more_than_a_sunday() -> None:
    """Wednesday against Sunday."""
    assert site_day(1, day=0).load_kw.mean() > 1.3 * site_day(1, day=4).load_kw.mean()


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=30))
def test_registers_hold_the_exact_energy_each_way(power: list[float]) -> None:
    """Import and export are counted apart, and never go back."""
    edges = Register(imported_kwh=100.0, exported_kwh=50.0).run(np.array(power))
    assert edges["import_kwh"][-1] - 100 == pytest.approx(sum(p for p in power if p > 0) / 360, abs=1e-9)
    assert edges["export_kwh"][-1] - 50 == pytest.approx(-sum(p for p in power if p < 0) / 360, abs=1e-9)
    assert (np.diff(edges["import_kwh"]) >= 0).all()
    assert (np.diff(edges["export_kwh"]) >= 0).all()


def test_a_register_goes_on_where_it_was() -> None:
    """The next day begins at the last count."""
    register = Register(imported_kwh=0.0, exported_kwh=0.0)
    first, second = (register.run(np.array([360.0])) for _ in range(2))
    assert first["net_kwh"][-1] == second["net_kwh"][0] == 1.0


def test_a_power_factor_is_between_zero_and_one() -> None:
    """Also where no power flows."""
    meter = Meter(Register(imported_kwh=0.0, exported_kwh=0.0))
    signals = meter.run(np.array([0.0, 30.0, -40.0]), reactive_kvar=np.array([0.0, 40.0, 30.0]))
    assert signals["power_factor"].tolist() == [0.0, 0.6, 0.8]
