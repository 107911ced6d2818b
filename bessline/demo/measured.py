"""From what goes on in a unit to the signals that its devices measure, by name."""

from __future__ import annotations

import numpy as np

from bessline.demo.cooling import Coolant
from bessline.demo.plant import NOMINAL_AH
from bessline.demo.series import CellDay
from bessline.demo.site import Meter
from bessline.sources.base import Float64

_AUX_LINE_V = 400.0


def bms_signals(cells: CellDay, *, amps: Float64, soc: Float64, capacity_ah: float) -> dict[str, Float64]:
    """The battery management's signals; `amps` float64[n], `soc` (0..1) float64[n + 1]; `capacity_ah` of the pack."""
    high_v, low_v = (pick(cells.volts, axis=0).astype(np.float64) for pick in (np.max, np.min))
    high_c, low_c = (pick(cells.temps, axis=0).astype(np.float64) for pick in (np.max, np.min))
    return {
        "soc": soc * 100,
        "soh": np.full(len(amps), np.floor(min(capacity_ah / NOMINAL_AH, 1.0) * 100)),
        "pack_v": cells.pack_v,
        "pack_a": amps,
        "cell_ave_v": cells.pack_v / len(cells.volts),
        "cell_max_v": high_v,
        "cell_min_v": low_v,
        "cell_v_diff": high_v - low_v,
        "cell_ave_c": cells.temps.mean(axis=0, dtype=np.float64),
        "cell_max_c": high_c,
        "cell_min_c": low_c,
        "cell_c_diff": high_c - low_c,
        "insulation_kohm": 2400 + 6 * (high_c - 25),
    }


def auxiliary_signals(meter: Meter, *, power_kw: Float64) -> dict[str, Float64]:
    """The meter of the auxiliaries through which `power_kw` (float64[n]) goes: power, factor, current, registers."""
    reactive = 0.35 * power_kw + 0.2
    signals = {f"aux_{name}": values for name, values in meter.run(power_kw, reactive_kvar=reactive).items()}
    return {**signals, "aux_a": np.hypot(power_kw, reactive) * 1000 / (np.sqrt(3) * _AUX_LINE_V)}


def housing_signals(cooling: Coolant, *, outside_c: Float64, igbt_k: Float64) -> dict[str, Float64]:
    """Air, coolant, converter temperatures and fire detectors; `igbt_k` is how much warmer its transistors are."""
    room = 24 + 0.22 * (outside_c - 22)
    ambient = room + 3.0 + 0.25 * igbt_k[:-1]
    flat = np.ones(len(room))
    return {
        "outside_c": outside_c,
        "outwater_c": cooling.outwater_c,
        "return_c": cooling.return_c,
        "outwater_bar": cooling.outwater_bar,
        "return_bar": cooling.return_bar,
        "room_c": room,
        "room_humidity": np.clip(52 - 1.4 * (room - 24), 5, 95),
        "pcs_env_c": room + 1.5,
        "pcs_ambient_c": ambient,
        "pcs_igbt_c": ambient + igbt_k[:-1],
        "detector_co": 2 * flat,
        "detector_voc": 8 * flat,
        "detector_flag": 0 * flat,
    }
