"""Sign evidence: does the current point the way in which the state of charge moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bessline.managers import Managers
from bessline.sources.base import Float64, Int64

_DAY_MS = 86_400_000
_BUCKET_MS = 900_000
#: Below this |correlation| the evidence is called weak.
WEAK = 0.5
#: What may carry the sign, in order of preference; all discharge positive in the contract.
_CARRIERS = ("bms_current", "pcs_dc_current", "pcs_active_power", "pcs_apparent_power")


@dataclass(frozen=True, slots=True)
class SignEvidence:
    """What the data say about the sign of `signal`.

    `correlation` is that of the signal with minus dSOC/dt over quarters of an hour: near 1 where discharge is positive,
    near -1 where it is negative; ``None`` where less than a day, or no movement, leaves nothing to correlate.
    """

    signal: str
    correlation: float | None
    buckets: int
    span_s: float

    @property
    def sentence(self) -> str:
        """The finding in words; nothing is ever flipped because of it."""
        hours = self.span_s / 3600
        if self.span_s < _DAY_MS / 1000:
            return f"{self.signal}: no evidence on the sign, {hours:.1f} h of data are less than a day"
        if self.correlation is None:
            return f"{self.signal}: no evidence on the sign, SOC or {self.signal} never moves while the other is there"
        found = f"correlation with -dSOC/dt {self.correlation:+.2f} over {self.buckets} quarter hours"
        if abs(self.correlation) < WEAK:
            return f"{self.signal}: the evidence on the sign is weak ({found})"
        if self.correlation > 0:
            return f"{self.signal}: discharge is positive, as it should be ({found})"
        return f"{self.signal}: CHARGE looks positive, the source's description should say so ({found})"


def sign_evidence(managers: Managers, device_id: str) -> SignEvidence | None:
    """Compare the sign of a device's current (else power) with the movement of its SOC, over its whole history.

    Returns ``None`` for a device without SOC or without anything that has a sign. Reads a day at a time.
    """
    bess = managers["bess"]
    if device_id not in bess.devices():
        return None
    timeline = bess.timeline(device_id)
    carrier = next((name for name in _CARRIERS if name in timeline.fields), None)
    if carrier is None or "bms_soc" not in timeline.fields:
        return None
    means: list[Float64] = []
    moves: list[Float64] = []
    for start_ms in range(timeline.start_ms // _DAY_MS * _DAY_MS, timeline.end_ms + 1, _DAY_MS):
        day = bess.walk(
            device_id, start_ms=start_ms, end_ms=start_ms + _DAY_MS, fields=("bms_soc", carrier), chunk=100_000
        )
        for readings in day:
            mean, move = _quarters(readings.t_ms, readings.columns["bms_soc"], readings.columns[carrier])
            means.append(mean)
            moves.append(move)
    span_s = (timeline.end_ms - timeline.start_ms) / 1000 + timeline.period_s
    value, drop = np.concatenate(means), -np.concatenate(moves)
    return SignEvidence(carrier, _correlation(value, drop), buckets=len(value), span_s=span_s)


def _quarters(t_ms: Int64, soc: Float64, value: Float64) -> tuple[Float64, Float64]:
    """Mean value and SOC movement of each quarter hour that has both."""
    both = ~(np.isnan(soc) | np.isnan(value))
    t_ms, soc, value = t_ms[both], soc[both], value[both]
    if len(t_ms) < 2:
        return np.empty(0), np.empty(0)
    bucket = t_ms // _BUCKET_MS
    first = np.flatnonzero(np.diff(bucket, prepend=bucket[0] - 1))
    last = np.append(first[1:], len(t_ms)) - 1
    mean = np.add.reduceat(value, first) / (last - first + 1)
    return mean, soc[last] - soc[first]


def _correlation(a: Float64, b: Float64) -> float | None:
    if len(a) < 2 or not a.std() or not b.std():
        return None
    return float(np.corrcoef(a, b)[0, 1])
