"""Units that exports use -> the catalogue's unit, exactly where arithmetic allows it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from bessline.sources.base import Float64
from bessline.sources.decimals import Decimals, Numbers


class Unit(NamedTuple):
    """`(value + shift) * factor` is in the UCUM unit `ucum`."""

    ucum: str
    factor: Fraction = Fraction(1)
    shift: float = 0.0


_KILO, _MILLI, _MEGA = Fraction(1000), Fraction(1, 1000), Fraction(1_000_000)
_CELSIUS, _KELVIN, _FAHRENHEIT = Unit("Cel"), Unit("Cel", shift=-273.15), Unit("Cel", Fraction(5, 9), -32.0)
_ONE = Unit("1")

UNITS: dict[str, Unit] = {
    "%": Unit("%"), "percent": Unit("%"), "fraction": Unit("%", Fraction(100)),
    "V": Unit("V"), "mV": Unit("V", _MILLI), "kV": Unit("V", _KILO), "uV": Unit("V", 1 / _MEGA),
    "A": Unit("A"), "mA": Unit("A", _MILLI), "kA": Unit("A", _KILO),
    "Cel": _CELSIUS, "degC": _CELSIUS, "°C": _CELSIUS, "C": _CELSIUS,
    "K": _KELVIN, "degF": _FAHRENHEIT, "[degF]": _FAHRENHEIT, "°F": _FAHRENHEIT, "F": _FAHRENHEIT,
    "Ohm": Unit("kOhm", _MILLI), "kOhm": Unit("kOhm"), "MOhm": Unit("kOhm", _KILO), "kΩ": Unit("kOhm"),
    "W": Unit("kW", _MILLI), "kW": Unit("kW"), "MW": Unit("kW", _KILO),
    "var": Unit("kV.A{reactive}", _MILLI), "kvar": Unit("kV.A{reactive}"), "kVAr": Unit("kV.A{reactive}"),
    "Mvar": Unit("kV.A{reactive}", _KILO), "kV.A{reactive}": Unit("kV.A{reactive}"),
    "Hz": Unit("Hz"), "mHz": Unit("Hz", _MILLI),
    "Wh": Unit("kW.h", _MILLI), "kWh": Unit("kW.h"), "MWh": Unit("kW.h", _KILO), "kW.h": Unit("kW.h"),
    "bar": Unit("bar"), "mbar": Unit("bar", _MILLI), "Pa": Unit("bar", Fraction(1, 100_000)),
    "kPa": Unit("bar", Fraction(1, 100)), "ppm": Unit("[ppm]"), "[ppm]": Unit("[ppm]"), "1": _ONE, "": _ONE,
}  # fmt: skip


def unit_of(name: str, *, wanted: str) -> Unit:
    """The unit called `name`, which must measure what the UCUM unit `wanted` does.

    Raises
    ------
    ValueError
        saying which units can be written instead.

    >>> unit_of("mV", wanted="V").factor
    Fraction(1, 1000)
    """
    fitting = [known for known, unit in UNITS.items() if unit.ucum == wanted and known]
    unit = UNITS.get(name)
    if unit is not None and unit.ucum == wanted:
        return unit
    if unit is not None:
        raise ValueError(f"unit {name!r} does not fit a signal in {wanted}; write one of {', '.join(fitting)}")
    near = difflib.get_close_matches(name, fitting, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"write one of {', '.join(fitting)}"
    raise ValueError(f"unit {name!r} is unknown; {hint}")


@dataclass(frozen=True, slots=True)
class Scaling:
    """From a source's numbers to the catalogue's unit and sign.

    Parameters
    ----------
    scale: what the source's number is multiplied with to be in `unit`.
    unit: the source's unit.
    negate: the source's positive is the catalogue's negative.

    >>> Scaling(scale=Fraction("0.1")).apply(np.array([-5299.0])).tolist()
    [-529.9]
    """

    scale: Fraction = Fraction(1)
    unit: Unit = _ONE
    negate: bool = False

    def apply(self, value: Float64) -> Float64:
        """Convert float64[n]; NaN stays NaN. The result may be `value` itself."""
        if self.unit.shift:
            value = _times(_times(value, self.scale) + self.unit.shift, self.unit.factor)
        else:
            value = _times(value, self.scale * self.unit.factor)
        # 0.0 - x, for -x would make a negative zero
        return np.subtract(0.0, value) if self.negate else value

    def of(self, numbers: Numbers) -> Numbers:
        """Convert n numbers; decimals stay decimals where only their sign changes."""
        if not isinstance(numbers, Decimals):
            return self.apply(numbers)
        if self.unit.shift or self.scale * self.unit.factor != 1:
            return self.apply(numbers.value)
        return numbers.negative if self.negate else numbers

    def __str__(self) -> str:
        factor = self.scale * self.unit.factor
        shift = f" (x {self.unit.shift:+g})" if self.unit.shift else ""
        return f"{'-' if self.negate else ''}{factor}{shift}"


def _times(value: Float64, factor: Fraction) -> Float64:
    if factor == 1:
        return value
    if factor.numerator == 1:
        # -5299 / 10 is the number nearest to -529.9; -5299 * 0.1 is not
        return value / float(factor.denominator)
    return value * float(factor.numerator) / float(factor.denominator)
