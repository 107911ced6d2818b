"""Units of exports -> units of the catalogue."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.signals import UNIT_SYMBOLS, catalogue
from bessline.sources.decimals import Decimals, value_of
from bessline.sources.units import UNITS, Scaling, unit_of


def convert(value: float, scale: str, unit: str, wanted: str, *, negate: bool = False) -> float:
    scaling = Scaling(Fraction(scale), unit_of(unit, wanted=wanted), negate)
    return float(scaling.apply(np.array([value]))[0])


@pytest.mark.parametrize(
    ("value", "scale", "unit", "wanted", "result"),
    [
        (-5299.0, "0.1", "A", "A", -529.9),
        (50031.0, "1", "mHz", "Hz", 50.031),
        (84.0, "0.1", "degC", "Cel", 8.4),
        (212.0, "1", "degF", "Cel", 100.0),
        (293.15, "1", "K", "Cel", 20.0),
        (1500.0, "1", "W", "kW", 1.5),
        (1.5, "1", "MWh", "kW.h", 1500.0),
        (0.41, "1", "fraction", "%", 41.0),
        (33051.0, "0.1", "mV", "V", 3.3051),
        (3.0, "2.5", "bar", "bar", 7.5),
    ],
)
def test_what_an_instrument_showed_is_what_is_stored(
    value: float, scale: str, unit: str, wanted: str, result: float
) -> None:
    """Exactly, not nearly: -5299 tenths are -529.9."""
    assert convert(value, scale, unit, wanted) == result


@given(st.integers(-(10**9), 10**9), st.sampled_from([10, 100, 1000]))
def test_scaled_integers_come_out_as_a_person_would_write_them(value: int, divisor: int) -> None:
    """Division rounds once; multiplying with 0.1 would round twice."""
    assert convert(float(value), str(1 / divisor), "V", "V") == float(Fraction(value, divisor))


def test_a_turned_sign_leaves_no_negative_zero_and_missing_stays_missing() -> None:
    """-0.0 would read strange in JSON."""
    turned = Scaling(negate=True).apply(np.array([0.0, 5.0, np.nan]))
    assert [repr(value) for value in turned.tolist()] == ["0.0", "-5.0", "nan"]


def test_every_unit_of_the_catalogue_can_be_written() -> None:
    """By its UCUM code at least, and unchanged."""
    assert {signal.unit for signal in catalogue()} <= UNIT_SYMBOLS.keys()
    assert all(convert(1.5, "1", signal.unit, signal.unit) == 1.5 for signal in catalogue())


@pytest.mark.parametrize(
    ("unit", "says"), [("mv", "did you mean mV"), ("furlong", "write one of V, mV"), ("kW", "does not fit")]
)
def test_a_unit_that_is_unknown_or_does_not_fit_is_named(unit: str, says: str) -> None:
    """With what can be written instead."""
    with pytest.raises(ValueError, match=says):
        unit_of(unit, wanted="V")


def test_a_scaling_says_itself_in_a_word() -> None:
    """Two descriptions that mean different things read differently."""
    said = {
        str(Scaling(Fraction(1, 10), UNITS[name], negate)) for name in ("degF", "degC", "K") for negate in (True, False)
    }
    assert len(said) == 6


@pytest.mark.parametrize(("scale", "negate"), [("1", False), ("1", True), ("0.1", True)])
def test_decimals_are_converted_as_their_floats_are(scale: str, negate: bool) -> None:
    """Bit for bit; they stay decimals where only the sign changes."""
    scaling, decimals = Scaling(Fraction(scale), negate=negate), Decimals(np.array([-52991, 0, 7], np.int32), 1)
    found = scaling.of(decimals)
    assert value_of(found).tobytes() == scaling.apply(decimals.value).tobytes()
    assert isinstance(found, Decimals) == (scale == "1")
