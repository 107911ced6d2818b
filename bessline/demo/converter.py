"""The power converter (PCS) between the battery and the grid: what it loses and what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from bessline.sources.base import Float64


@dataclass(frozen=True, slots=True)
class Converter:
    """Losses as a quadratic in the DC power, the usual fit to a measured efficiency curve.

    `standby_kw` is lost while no current flows; `constant_kw`, `linear` (share) and `quadratic_per_kw` while it does.
    """

    standby_kw: float = 0.06
    constant_kw: float = 0.6
    linear: float = 0.01
    quadratic_per_kw: float = 1.2e-4

    def losses_kw(self, dc_kw: Float64, *, efficiency_drop: Float64) -> Float64:
        """Losses (kW, positive) at each DC power; `efficiency_drop` is an extra share of it.

        >>> Converter().losses_kw(np.array([0.0, 50.0]), efficiency_drop=np.zeros(2)).round(3).tolist()
        [0.06, 1.4]
        """
        size = np.abs(dc_kw)
        running = self.constant_kw + (self.linear + efficiency_drop) * size + self.quadratic_per_kw * size**2
        return cast(Float64, np.where(size > 0, running, self.standby_kw))

    def ac_kw(self, dc_kw: Float64, *, efficiency_drop: Float64) -> Float64:
        """Power at the AC side (kW, discharge positive): losses make it smaller out and larger in."""
        return dc_kw - self.losses_kw(dc_kw, efficiency_drop=efficiency_drop)


def phase_signals(ac_kw: Float64, *, grid_v: Float64) -> dict[str, Float64]:
    """Unsigned phase currents (A) and line voltages (V) of a nearly balanced three-phase connection.

    `ac_kw`, `grid_v`: float64[n]; `grid_v` is the mean line-to-line voltage.
    """
    amps = np.abs(ac_kw) * 1000 / (np.sqrt(3) * grid_v)
    return {
        "pcs_ia": amps * 1.004,
        "pcs_ib": amps * 0.998,
        "pcs_ic": amps * 0.998,
        "pcs_uab": grid_v * 1.002,
        "pcs_ubc": grid_v * 0.999,
        "pcs_uca": grid_v * 0.999,
    }
