"""The catalogue: complete, unambiguous, and in the words of the contract."""

import pytest

from bessline.signals import READING_TOPICS, UNIT_SYMBOLS, catalogue, classify, fields_of, lookup

CONTRACT = {
    "bms": "soc soh voltage current cell_avg_voltage cell_avg_temp cell_max_voltage cell_min_voltage cell_max_temp "
    "cell_min_temp cell_voltage_diff cell_temp_diff",
    "pcs": "apparent_power active_power reactive_power dc_current dc_voltage ac_current_a ac_current_b ac_current_c "
    "ac_voltage_ab ac_voltage_bc ac_voltage_ca frequency temp_environment temp_ambient temp_igbt",
    "meter": "active_power power_factor active_energy import_energy export_energy",
}


@pytest.mark.parametrize("topic", CONTRACT)
def test_readings_have_the_fields_of_the_contract_in_its_order(topic: str) -> None:
    fields = CONTRACT[topic].split()
    assert list(fields_of(topic))[: len(fields)] == fields


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("bms1_soc", "bms.soc"), ("BMS1_C", "bms.current"), ("bms1_cell_ave_t", "bms.cell_avg_temp"),
        ("bms1_pos_ins", "bms.insulation_resistance"), ("bms1_p5_v52", "cells.p5_v52"), ("bms1_p1_t1", "cells.p1_t1"),
        ("pcs1_ap", "pcs.apparent_power"), ("pcs1_uca", "pcs.ac_voltage_ca"), ("pcs1_t_a", "pcs.temp_ambient"),
        ("ac1_rtnwater_pre", "aux.return_water_pressure"), ("aux_m_com_ae", "aux.active_energy"),
        ("aux_m_ap", "aux.active_power"), ("aux_m_i", "aux.current"), ("dh1_humi", "env.humidity"),
        ("fa1_smokeFlag", "safety.fa1_smoke_flag"), ("fa5_ErrCode", "safety.fa5_error_code"),
        ("com_ap", "meter.active_power"), ("neg_ae", "meter.export_energy"),
        ("bms1_p0_v1", "unclassified.bms1_p0_v1"), ("fa6_co", "unclassified.fa6_co"),
    ],
)  # fmt: skip
def test_raw_stems_find_their_field(stem: str, name: str) -> None:
    """Whatever the letter case; what is not in the catalogue stays, as unclassified."""
    assert ".".join(classify(stem)) == name


def test_no_two_signals_share_a_name_or_a_stem() -> None:
    assert len({(s.topic, s.field) for s in catalogue()}) == len({s.stem for s in catalogue()}) == len(catalogue())


def test_every_signal_is_fully_described() -> None:
    """A unit that people can read, a range in order, a topic that is served, a sign for every power and current."""
    for signal in catalogue():
        low, high = signal.valid
        assert low is None or high is None or low < high
        assert signal.unit in UNIT_SYMBOLS
        assert signal.description
        assert signal.topic in (*READING_TOPICS, "cells")
        if signal.field.endswith(("power", "current")):
            assert signal.sign in ("discharge positive", "import positive"), signal


def test_counters_and_flags_are_never_averaged() -> None:
    assert {s.aggregation for s in catalogue() if s.kind == "counter"} == {"last"}
    assert {s.aggregation for s in catalogue() if s.kind == "flag"} == {"max"}
    counter = lookup("meter", "import_energy")
    assert counter is not None
    assert counter.symbol == "kWh"
