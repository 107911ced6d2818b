"""What all detectors share."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors import Detector, Finding
from bessline.sources.base import Float64


class Loud(Detector):
    """Scores the values as they are."""

    name = "loud"

    def score(self, t_ms: int, value: Float64) -> Float64:
        self.elapsed = self.elapsed_s(t_ms)
        return np.abs(value)

    def explain(self, channel: int) -> Finding:
        return Finding(None, None, self.channels[channel])


def test_the_channels_are_the_signals_unless_it_says_otherwise() -> None:
    assert Loud(Subject("b", ("bms.soc",), 30.0)).channels == ("bms.soc",)


def test_a_step_counts_one_period_at_first_and_never_more_than_a_hole() -> None:
    loud, seen = Loud(Subject("b", ("bms.soc",), 30.0)), []
    for t_ms in (0, 10_000, 50_000, 10_000_000):
        loud.score(t_ms, np.array([1.0]))
        seen.append(loud.elapsed)
    assert seen == [30.0, 10.0, 40.0, 90.0]
