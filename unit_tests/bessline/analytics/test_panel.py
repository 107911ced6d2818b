"""What several detectors say together."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors import Detector, Finding
from bessline.analytics.panel import Panel
from bessline.sources.base import Float64


class Echo(Detector):
    """The value is the score."""

    name = "echo"

    def score(self, t_ms: int, value: Float64) -> Float64:
        return np.abs(value)

    def explain(self, channel: int) -> Finding:
        return Finding(None, None, f"echo of {self.channels[channel]}")


class Silent(Echo):
    """Never has evidence."""

    name = "silent"

    def score(self, t_ms: int, value: Float64) -> Float64:
        return np.full(len(self.channels), np.nan)


SUBJECT = Subject("b", ("bms.soc", "bms.voltage"), 300.0)


def _fed(panel: Panel, values: Float64, *, start: int = 0) -> Float64:
    rows = [panel.update((start + tick) * 300_000, row, elapsed_s=300.0) for tick, row in enumerate(values)]
    return np.stack([row for row in rows if row is not None])


def _noise(ticks: int) -> Float64:
    return np.random.default_rng(1).exponential([1.0, 1000.0], (ticks, 2))


def test_signals_of_any_scale_compare() -> None:
    surprise = _fed(Panel([Echo(SUBJECT)], period_s=300.0), _noise(4000))[2000:]
    assert abs(np.quantile(surprise[:, 0], 0.95) - np.quantile(surprise[:, 1], 0.95)) < 0.6


def test_it_is_silent_for_a_day_and_says_how_far_it_is() -> None:
    panel = Panel([Echo(SUBJECT)], period_s=300.0)
    surprise = _fed(panel, _noise(287))
    assert np.isnan(surprise).all()
    assert panel.learning() == (0, 2)
    _fed(panel, _noise(100), start=287)
    assert panel.learning() == (2, 2)


def test_a_detector_without_evidence_does_not_count() -> None:
    alone, beside = Panel([Echo(SUBJECT)], period_s=300.0), Panel([Echo(SUBJECT), Silent(SUBJECT)], period_s=300.0)
    np.testing.assert_array_equal(_fed(alone, _noise(600)), _fed(beside, _noise(600)))
    assert beside.explain(1) == ("echo", Finding(None, None, "echo of bms.voltage"))


def test_after_a_hole_a_channel_is_silent_for_half_as_long() -> None:
    panel, values = Panel([Echo(SUBJECT)], period_s=300.0), _noise(1200)
    values[1000:1024, 0] = np.nan
    heard = np.isfinite(_fed(panel, values))
    assert heard[:1000][-400:].all()
    assert not heard[1000 : 1024 + 12, 0].any()
    assert heard[1024 + 13 :, 0].all()
    assert heard[1000:, 1].all()


def test_it_looks_at_its_inputs_only() -> None:
    panel = Panel([Echo(Subject("b", ("bms.voltage",), 300.0))], period_s=300.0, inputs=np.array([1]))
    assert panel.channels == ("bms.voltage",)
    assert _fed(panel, np.array([[1.0, 2.0]])).shape == (1, 1)


def test_between_its_turns_there_is_nothing_new() -> None:
    panel = Panel([Echo(SUBJECT)], period_s=30.0, turns=5)
    news = [panel.update(tick * 30_000, np.ones(2), elapsed_s=30.0) is not None for tick in range(10)]
    assert news == [False, False, False, False, True] * 2


def test_what_counts_in_usual_distances_is_told_with_its_mean_of_the_last_hours() -> None:
    class Counting(Echo):
        name = "counting"
        counts_usual = True

    panel = Panel([Counting(SUBJECT)], period_s=300.0)
    _fed(panel, np.full((100, 2), 4.0))
    assert panel.explain(0)[1].reason == "echo of bms.soc; on average of the last 3 hours 4.0 times"
