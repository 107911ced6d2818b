"""What the exports carry: one row a file, with its habit of rounding, its logger and its noise."""

from __future__ import annotations

from dataclasses import dataclass

from bessline.demo.cadence import CELL_S, FAST_S, SLOW_S
from bessline.demo.plant import Unit


@dataclass(frozen=True, slots=True)
class Channel:
    """One exported signal.

    `stem`: file name and column, in the letter case of the exports. `name`: the simulated signal it shows.
    `decimals`: written always, never more. `noise`: standard deviation of the sensor, in the signal's unit.
    """

    stem: str
    name: str
    decimals: int
    step_s: float = SLOW_S
    noise: float = 0.0


_BMS = (
    Channel("bms1_soc", "soc", 0),
    Channel("bms1_soh", "soh", 0),
    Channel("bms1_v", "pack_v", 1, FAST_S, 0.05),
    Channel("bms1_c", "pack_a", 1, FAST_S),
    Channel("bms1_cell_ave_v", "cell_ave_v", 3),
    Channel("bms1_cell_max_v", "cell_max_v", 3),
    Channel("bms1_cell_min_v", "cell_min_v", 3),
    Channel("bms1_cell_v_diff", "cell_v_diff", 3),
    Channel("bms1_cell_ave_t", "cell_ave_c", 0),
    Channel("bms1_cell_max_t", "cell_max_c", 1),
    Channel("bms1_cell_min_t", "cell_min_c", 1),
    Channel("bms1_cell_t_diff", "cell_c_diff", 1),
    Channel("bms1_pos_ins", "insulation_kohm", 0, noise=4.0),
)

_PCS = (
    Channel("pcs1_ap", "pcs_ac_kw", 1, FAST_S),
    Channel("pcs1_dcc", "pcs_dc_a", 1, FAST_S),
    Channel("pcs1_dcv", "pcs_dc_v", 1, FAST_S, 0.1),
    *(Channel(f"pcs1_i{phase}", f"pcs_i{phase}", 1, FAST_S) for phase in "abc"),
    *(Channel(f"pcs1_u{pair}", f"pcs_u{pair}", 1, FAST_S, 0.2) for pair in ("ab", "bc", "ca")),
    Channel("pcs1_t_env", "pcs_env_c", 1, noise=0.1),
    Channel("pcs1_t_a", "pcs_ambient_c", 1, noise=0.1),
    Channel("pcs1_t_igbt", "pcs_igbt_c", 1, noise=0.15),
)

_AUX = (
    Channel("ac1_outside_t", "outside_c", 1, noise=0.1),
    Channel("ac1_outWater_t", "outwater_c", 1, noise=0.05),
    Channel("ac1_rtnWater_t", "return_c", 1, noise=0.05),
    Channel("ac1_outWater_pre", "outwater_bar", 2, noise=0.01),
    Channel("ac1_rtnWater_pre", "return_bar", 2, noise=0.01),
    Channel("aux_m_ap", "aux_power_kw", 2),
    Channel("aux_m_i", "aux_a", 1),
    Channel("aux_m_pf", "aux_power_factor", 2),
    Channel("aux_m_com_ae", "aux_net_kwh", 2),
    Channel("aux_m_pos_ae", "aux_import_kwh", 2),
    Channel("aux_m_neg_ae", "aux_export_kwh", 2),
)

_ENV = (
    Channel("dh1_temp", "room_c", 1, noise=0.1),
    Channel("dh1_humi", "room_humidity", 1, noise=0.3),
)


def _fire_detector(n: int) -> tuple[Channel, ...]:
    at = f"fa{n}_"
    return (
        Channel(at + "Co", "detector_co", 0, noise=0.45),
        Channel(at + "Voc", "detector_voc", 0, noise=1.2),
        Channel(at + "smokeFlag", "detector_flag", 0),
        Channel(at + "errCode", "detector_flag", 0),
        Channel(at + "T1", "room_c", 1, noise=0.15),
        Channel(at + "T2", "room_c", 1, noise=0.15),
        Channel(at + "Level", "detector_flag", 0),
    )


_UNIT = (*_BMS, *_PCS, *_AUX, *_ENV, *(channel for n in range(1, 6) for channel in _fire_detector(n)))

METER = (
    Channel("com_ae", "net_kwh", 2),
    Channel("com_ap", "power_kw", 2),
    Channel("neg_ae", "export_kwh", 2),
    Channel("pf", "power_factor", 3),
    Channel("pos_ae", "import_kwh", 2),
)


def channels_of(unit: Unit) -> tuple[Channel, ...]:
    """Every file of one unit's folder; the single cells only where the unit exports them."""
    if not unit.exports_cells:
        return _UNIT
    names = unit.cell_names
    volts = (Channel(f"bms1_p{p}_v{c}", f"p{p}_v{c}", 3, CELL_S, 0.0004) for p, c in names)
    temps = (Channel(f"bms1_p{p}_t{c}", f"p{p}_t{c}", 1, CELL_S, 0.05) for p, c in names)
    return (*_UNIT, *volts, *temps)
