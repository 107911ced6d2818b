"""The catalogue: one row a signal. Whatever names, units, signs and ranges there are, they stand here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

Aggregation = Literal["mean", "last", "max"]
Kind = Literal["measure", "counter", "flag"]

#: UCUM code -> what a person reads
UNIT_SYMBOLS = {
    "%": "%", "V": "V", "A": "A", "Cel": "°C", "kOhm": "kΩ", "kW": "kW", "kV.A{reactive}": "kvar", "Hz": "Hz",
    "kW.h": "kWh", "bar": "bar", "[ppm]": "ppm", "1": "",
}  # fmt: skip

#: Topics whose signals are aligned to readings, in the order of the contract.
READING_TOPICS = ("bms", "pcs", "aux", "env", "safety", "meter")
#: The topics that ``/bess`` puts on one timeline.
BESS_TOPICS = ("bms", "pcs", "aux", "env", "safety")
#: Every topic a stored signal may have.
TOPICS = (*READING_TOPICS, "cells", "unclassified")

_DISCHARGE, _IMPORT = "discharge positive", "import positive"


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of measurement.

    Parameters
    ----------
    topic, field: where it stands in a reading.
    stem: the file name of the raw exports, lower case, as a regular expression.
    unit: UCUM code.
    valid: lowest and highest plausible value, in `unit`; ``None`` where open.
    sign: what a positive value means, or ``None`` where there is no direction.
    kind: ``counter`` only grows but for resets, ``flag`` is a whole number.
    """

    topic: str
    field: str
    stem: str
    unit: str
    valid: tuple[float | None, float | None]
    description: str
    sign: str | None = None
    kind: Kind = "measure"

    @property
    def aggregation(self) -> Aggregation:
        """How a bucket of values becomes one; the mean of a counter or a flag means nothing."""
        return {"measure": "mean", "counter": "last", "flag": "max"}[self.kind]  # type: ignore[return-value]

    @property
    def symbol(self) -> str:
        """The unit as a person reads it."""
        return UNIT_SYMBOLS[self.unit]


def _bms() -> Iterator[Signal]:
    cell_v, cell_t = (1.5, 4.5), (-40.0, 100.0)
    yield Signal("bms", "soc", "bms1_soc", "%", (0, 100), "state of charge reported by the BMS")
    yield Signal("bms", "soh", "bms1_soh", "%", (0, 100), "state of health reported by the BMS")
    yield Signal("bms", "voltage", "bms1_v", "V", (0, 1500), "voltage of the battery string")
    yield Signal("bms", "current", "bms1_c", "A", (-2000, 2000), "current of the battery string", _DISCHARGE)
    yield Signal("bms", "cell_avg_voltage", "bms1_cell_ave_v", "V", cell_v, "mean of the cell voltages")
    yield Signal("bms", "cell_avg_temp", "bms1_cell_ave_t", "Cel", cell_t, "mean of the cell temperatures")
    yield Signal("bms", "cell_max_voltage", "bms1_cell_max_v", "V", cell_v, "highest cell voltage")
    yield Signal("bms", "cell_min_voltage", "bms1_cell_min_v", "V", cell_v, "lowest cell voltage")
    yield Signal("bms", "cell_max_temp", "bms1_cell_max_t", "Cel", cell_t, "highest cell temperature")
    yield Signal("bms", "cell_min_temp", "bms1_cell_min_t", "Cel", cell_t, "lowest cell temperature")
    yield Signal("bms", "cell_voltage_diff", "bms1_cell_v_diff", "V", (0, 3), "highest minus lowest cell voltage")
    yield Signal("bms", "cell_temp_diff", "bms1_cell_t_diff", "Cel", (0, 100), "highest minus lowest cell temperature")
    yield Signal(
        "bms", "insulation_resistance", "bms1_pos_ins", "kOhm", (0, None), "insulation, positive pole to earth"
    )


def _pcs() -> Iterator[Signal]:
    power, temp = (-5000.0, 5000.0), (-40.0, 150.0)
    yield Signal("pcs", "apparent_power", "pcs1_ap", "kW", power,
                 "power as exported, signed; used where active_power is absent", _DISCHARGE)  # fmt: skip
    yield Signal("pcs", "active_power", "pcs1_p", "kW", power, "active power at the AC side", _DISCHARGE)
    yield Signal(
        "pcs", "reactive_power", "pcs1_q", "kV.A{reactive}", power, "reactive power at the AC side", _DISCHARGE
    )
    yield Signal("pcs", "dc_current", "pcs1_dcc", "A", (-5000, 5000), "current at the DC side", _DISCHARGE)
    yield Signal("pcs", "dc_voltage", "pcs1_dcv", "V", (0, 1500), "voltage at the DC side")
    for phase in "abc":
        yield Signal("pcs", f"ac_current_{phase}", f"pcs1_i{phase}", "A", (-5000, 5000), f"AC current, phase {phase}")
    for pair in ("ab", "bc", "ca"):
        yield Signal("pcs", f"ac_voltage_{pair}", f"pcs1_u{pair}", "V", (0, 1500), f"AC voltage between phases {pair}")
    yield Signal("pcs", "frequency", "pcs1_f", "Hz", (45, 65), "grid frequency")
    yield Signal("pcs", "temp_environment", "pcs1_t_env", "Cel", temp, "temperature around the converter")
    yield Signal("pcs", "temp_ambient", "pcs1_t_a", "Cel", temp, "temperature inside the converter's cabinet")
    yield Signal("pcs", "temp_igbt", "pcs1_t_igbt", "Cel", temp, "temperature of the power transistors")


def _aux() -> Iterator[Signal]:
    yield Signal("aux", "outside_temp", "ac1_outside_t", "Cel", (-50, 70), "outside air at the cooler")
    yield Signal("aux", "outwater_temp", "ac1_outwater_t", "Cel", (-20, 100), "coolant leaving the cooler")
    yield Signal("aux", "return_water_temp", "ac1_rtnwater_t", "Cel", (-20, 100), "coolant coming back")
    yield Signal("aux", "outwater_pressure", "ac1_outwater_pre", "bar", (0, 20), "pressure of the coolant leaving")
    yield Signal(
        "aux", "return_water_pressure", "ac1_rtnwater_pre", "bar", (0, 20), "pressure of the coolant coming back"
    )
    yield Signal("aux", "current", "aux_m_i", "A", (-2000, 2000), "current of the auxiliaries", _IMPORT)
    yield from _meter("aux", "aux_m_", "auxiliaries")


def _meter(topic: str, prefix: str, what: str) -> Iterator[Signal]:
    power = prefix + ("ap" if topic == "aux" else "com_ap")
    yield Signal(topic, "active_power", power, "kW", (-100_000, 100_000), f"active power of the {what}", _IMPORT)
    yield Signal(topic, "power_factor", prefix + "pf", "1", (-1, 1), f"power factor of the {what}")
    yield Signal(topic, "active_energy", prefix + "com_ae", "kW.h", (None, None), f"net energy register of the {what}",
                 _IMPORT, "counter")  # fmt: skip
    yield Signal(
        topic, "import_energy", prefix + "pos_ae", "kW.h", (0, None), f"energy taken by the {what}", None, "counter"
    )
    yield Signal(
        topic, "export_energy", prefix + "neg_ae", "kW.h", (0, None), f"energy given by the {what}", None, "counter"
    )


def _env() -> Iterator[Signal]:
    yield Signal("env", "temperature", "dh1_temp", "Cel", (-50, 80), "air in the container")
    yield Signal("env", "humidity", "dh1_humi", "%", (0, 100), "relative humidity in the container")


def _safety() -> Iterator[Signal]:
    for n in range(1, 6):
        at = f"fire detector {n}"
        yield Signal("safety", f"fa{n}_co", f"fa{n}_co", "[ppm]", (0, None), f"carbon monoxide, {at}")
        yield Signal("safety", f"fa{n}_voc", f"fa{n}_voc", "[ppm]", (0, None), f"volatile organic compounds, {at}")
        yield Signal("safety", f"fa{n}_smoke_flag", f"fa{n}_smokeflag", "1", (0, 1), f"smoke, {at}", None, "flag")
        yield Signal("safety", f"fa{n}_error_code", f"fa{n}_errcode", "1", (0, None), f"error code, {at}", None, "flag")
        yield Signal("safety", f"fa{n}_t1", f"fa{n}_t1", "Cel", (-40, 150), f"first temperature, {at}")
        yield Signal("safety", f"fa{n}_t2", f"fa{n}_t2", "Cel", (-40, 150), f"second temperature, {at}")
        yield Signal("safety", f"fa{n}_level", f"fa{n}_level", "1", (0, None), f"alarm level, {at}", None, "flag")


#: Cells are patterns, not 520 rows: ``{pack}`` and ``{cell}`` count from 1.
CELL_SIGNALS = (
    Signal("cells", "p{pack}_v{cell}", r"bms1_p\d+_v\d+", "V", (1.5, 4.5), "voltage of one cell"),
    Signal("cells", "p{pack}_t{cell}", r"bms1_p\d+_t\d+", "Cel", (-40, 100), "temperature of one cell"),
)
_CELL_STEM = re.compile(r"bms1_(p[1-9]\d*_[vt][1-9]\d*)")
_CELL_FIELD = re.compile(r"p[1-9]\d*_([vt])[1-9]\d*")


@cache
def catalogue() -> tuple[Signal, ...]:
    """Every signal of every reading, in the order of the contract, then the two cell patterns."""
    return (*_bms(), *_pcs(), *_aux(), *_env(), *_safety(), *_meter("meter", "", "meter"), *CELL_SIGNALS)


@cache
def fields_of(topic: str) -> tuple[str, ...]:
    """The fields of one reading of `topic`, in order.

    >>> fields_of("env")
    ('temperature', 'humidity')
    """
    return tuple(signal.field for signal in catalogue() if signal.topic == topic and topic != "cells")


@cache
def _by_stem() -> dict[str, tuple[str, str]]:
    return {signal.stem: (signal.topic, signal.field) for signal in catalogue() if signal.topic != "cells"}


@cache
def _by_name() -> dict[tuple[str, str], Signal]:
    return {(signal.topic, signal.field): signal for signal in catalogue()}


def classify(stem: str) -> tuple[str, str]:
    """Topic and field of a raw file's stem, whatever its letter case; unknown stems are kept as unclassified.

    >>> classify("BMS1_Cell_Max_V"), classify("bms1_p3_v17"), classify("fa1_smokeFlag"), classify("Door")
    (('bms', 'cell_max_voltage'), ('cells', 'p3_v17'), ('safety', 'fa1_smoke_flag'), ('unclassified', 'door'))
    """
    stem = stem.lower()
    if match := _CELL_STEM.fullmatch(stem):
        return "cells", match[1]
    return _by_stem().get(stem, ("unclassified", stem))


def lookup(topic: str, field: str) -> Signal | None:
    """The catalogue's row of a stored signal, or ``None`` for an unclassified one.

    >>> lookup("cells", "p3_v17").unit, lookup("unclassified", "door")
    ('V', None)
    """
    if topic == "cells" and (match := _CELL_FIELD.fullmatch(field)):
        return CELL_SIGNALS[0] if match[1] == "v" else CELL_SIGNALS[1]
    return _by_name().get((topic, field))
