"""Ways to be odd, one file a way; each watches many channels at once.

`SINGLE` look at each signal by itself, `ACROSS` at several of them: add a class to one of the two and it runs, ranked
in its own past. Those that count robust standard deviations instead stand with their limits in `analytics.across`.
"""

from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.half_space import HalfSpaceTrees
from bessline.analytics.detectors.level import RecentLevel
from bessline.analytics.detectors.rate import RateOfChange
from bessline.analytics.detectors.seasonal import SeasonalResidual
from bessline.analytics.detectors.single import SingleSignal
from bessline.analytics.detectors.stuck import StuckValue
from bessline.analytics.detectors.subspace import WindowedPca

#: Watch each signal by itself.
SINGLE: tuple[type[SingleSignal], ...] = (
    RecentLevel,
    RateOfChange,
    StuckValue,
    SeasonalResidual,
    WindowedPca,
    HalfSpaceTrees,
)
#: Look across signals; each is calibrated by itself, on channels of its own.
ACROSS: tuple[type[Detector], ...] = ()

__all__ = ["ACROSS", "SINGLE", "Detector", "Finding", "SingleSignal"]
