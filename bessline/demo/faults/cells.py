"""Where a fault of a single cell strikes."""

from __future__ import annotations

import numpy as np

from bessline.demo.plant import Plant, Unit

#: The cell that `weak_cell` takes; the other faults leave it alone, so that each can be told from it.
WEAK = (3, 17)


def unit_with_cells(plant: Plant) -> Unit | None:
    """The first unit that exports its single cells."""
    return next((unit for unit in plant.units if unit.exports_cells), None)


def any_cell(unit: Unit, *, rng: np.random.Generator) -> tuple[int, int]:
    """Pack and cell of one cell of `unit`, counted from 1; never that of the weak cell.

    >>> from bessline.demo.plant import standard_plant
    >>> any_cell(standard_plant(days=1, devices=1, seed=1, packs=1, per_pack=1).units[0], rng=np.random.default_rng(1))
    (1, 1)
    """
    names = [name for name in unit.cell_names if name != WEAK]
    return names[int(rng.integers(len(names)))]
