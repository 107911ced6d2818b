"""Out of range is beyond what is valid, not at it."""

from pathlib import Path

import numpy as np
import pytest

from bessline.quality.limits import outside


def test_the_limits_themselves_are_valid_and_open_ones_are_none() -> None:
    value = np.array([-0.1, 0.0, 50.0, 100.0, 100.1])
    assert outside(value, (0, 100)).tolist() == [True, False, False, False, True]
    assert outside(value, (None, 100)).tolist() == [False, False, False, False, True]
    assert outside(value, (None, None)).sum() == 0


@pytest.mark.real
def test_a_reference_cell_of_330_degrees_is_out_of_range(shared_data: Path) -> None:
    """pecos' inverters: a temperature that no module survives, and no other column of temperatures has one."""
    lines = (shared_data / "pecos_inverters" / "Baseline6kW_2015_11_11.dat").read_text().splitlines()
    header = [name.strip('"') for name in lines[1].split(",")]
    rows = np.array([[float(cell) for cell in line.split(",")[2:]] for line in lines[4:]])
    counts = {
        name: int(outside(rows[:, column], (-40, 100)).sum())
        for column, name in enumerate(header[2:])
        if name.startswith("ModTemp") or name in ("RefCell1Temp_Avg", "RefCell2Temp_Avg")
    }
    assert len(counts) == 18
    assert {name for name, count in counts.items() if count} == {"RefCell1Temp_Avg"}
