"""What is exported, under which names."""

from __future__ import annotations

from bessline.demo.channels import METER, channels_of
from bessline.demo.plant import standard_plant
from bessline.signals import classify, fields_of

#: The exports carry one signed power and no frequency.
NOT_EXPORTED = {("pcs", "active_power"), ("pcs", "reactive_power"), ("pcs", "frequency")}


def test_every_field_of_the_catalogue_is_exported() -> None:
    """All topics of a unit and of a meter, but for what real exports lack."""
    units = standard_plant(days=1, devices=2, seed=1).units
    wanted = {(topic, field) for topic in ("bms", "pcs", "aux", "env", "safety") for field in fields_of(topic)}
    for unit in units:
        found = {classify(channel.stem) for channel in channels_of(unit)}
        assert {name for name in found if name[0] != "cells"} == wanted - NOT_EXPORTED


def test_a_meter_has_its_five_files() -> None:
    """Stems of meters carry no prefix; the folder tells the device."""
    assert {channel.stem for channel in METER} == {"com_ae", "com_ap", "neg_ae", "pf", "pos_ae"}


def test_the_first_unit_has_520_cell_files_more() -> None:
    """260 voltages and 260 temperatures, packs 1 to 5, cells 1 to 52."""
    first, second = standard_plant(days=1, devices=2, seed=1).units
    extra = {c.stem for c in channels_of(first)} - {c.stem for c in channels_of(second)}
    assert len(extra) == 520
    assert {"bms1_p1_v1", "bms1_p5_v52", "bms1_p3_t17"} <= extra


def test_letter_case_is_that_of_the_exports() -> None:
    """A reader has to match without case."""
    stems = {channel.stem for channel in channels_of(standard_plant(days=1, devices=1, seed=1).units[0])}
    assert {"fa1_smokeFlag", "fa1_Co", "ac1_rtnWater_t"} <= stems
    assert len({stem.lower() for stem in stems}) == len(stems)


def test_roundings_are_those_of_the_exports() -> None:
    """Whole percents and degrees, tenths of volts and amperes, millivolts for cells."""
    decimals = {c.stem: c.decimals for c in channels_of(standard_plant(days=1, devices=1, seed=1).units[0])}
    assert [decimals[f"bms1_{name}"] for name in ("soc", "soh", "cell_ave_t")] == [0, 0, 0]
    assert [decimals[stem] for stem in ("bms1_v", "bms1_c", "pcs1_ap", "pcs1_dcv", "pcs1_ia")] == [1] * 5
    assert decimals["bms1_p3_v17"] == 3
