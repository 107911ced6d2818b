"""The capacity that charges show, and what is counted in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from bessline.analytics.charges import Charge

_LEAST_SWING, _LEAST_COVERAGE, _CHARGES = 40.0, 0.99, 5


class Capacity:
    """Measures by what went in over the change of SOC, in charges that span at least 40 %, whole and without a jump.

    Parameters
    ----------
    nominal_ah: what cycles and health are counted in; None where nobody said.
    """

    def __init__(self, nominal_ah: float | None) -> None:
        self.nominal_ah = nominal_ah
        self.first_ah: tuple[float, ...] = ()
        self.newest_ah: tuple[float, ...] = ()

    def take(self, charge: Charge) -> None:
        """Any charge, whether it reached the top or not."""
        swing = charge.soc_end - charge.soc_start
        if swing >= _LEAST_SWING and charge.steady_soc and charge.coverage >= _LEAST_COVERAGE:
            measured = charge.charge_ah / swing * 100
            self.first_ah = (*self.first_ah, measured)[:_CHARGES]
            self.newest_ah = (*self.newest_ah, measured)[-_CHARGES:]

    @property
    def _unit_ah(self) -> float | None:
        return self.nominal_ah or (float(np.median(self.first_ah)) if self.first_ah else None)

    def cycles(self, throughput_ah: float) -> float | None:
        """Equivalent full cycles of a throughput, both directions."""
        unit = self._unit_ah
        return None if unit is None else round(throughput_ah / (2 * unit), 4)

    def cycles_evidence(self, cycles: float | None, coverage: float) -> str:
        """On what `cycles` rests."""
        if cycles is None:
            return "No charge spanned 40 % of SOC without a gap, so cycles have no capacity to be counted in."
        of = "nominal" if self.nominal_ah else "measured in the first charges"
        return f"Cycles count {coverage:.1%} of the time, in {self._unit_ah:.0f} Ah ({of})."

    def health(self) -> dict[str, Any]:
        """`measured` state of health (%) and its `evidence`."""
        if not self.newest_ah:
            return {"measured": None, "evidence": "no charge spanned 40 % of SOC without a gap or a jump"}
        newest = float(np.median(self.newest_ah))
        if self.nominal_ah is None:
            return {"measured": None, "evidence": f"{newest:.1f} Ah measured lately; no nominal capacity is known"}
        said = f"{newest:.1f} Ah measured over the newest {len(self.newest_ah)} whole charges"
        return {"measured": round(100 * newest / self.nominal_ah, 2), "evidence": said}
