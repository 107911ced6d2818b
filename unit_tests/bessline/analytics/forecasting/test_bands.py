from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.forecasting.bands import Band, Bands
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import Walk

ZERO = np.zeros(24)


class Held:
    """Bands around a median of 0, held to what comes."""

    def __init__(self) -> None:
        self.walk = Walk()
        self.bands = Bands(self.walk.memory)

    def live(self, values: Float64) -> Float64:
        """Each hour: forecast, then see. The shares of its points below and above: float64[2, n - 23]."""
        outside = []
        for hour, value in enumerate(values):
            band, coming = self.promise(), values[hour : hour + 24]
            if len(coming) == 24:
                outside.append([(coming < band.lower).mean(), (coming > band.upper).mean()])
            self.see(value)
        return np.array(outside).T

    def promise(self) -> Band:
        band = self.bands.around(ZERO, self.walk.targets)
        self.bands.promise(self.walk.memory.past.end, ZERO, band=band, targets=self.walk.targets)
        return band

    def see(self, value: float) -> None:
        end = self.walk.memory.past.end
        self.bands.learn(value, end, at=self.walk.clock.slots(end, 1))
        self.walk.memory.past.append(value)


def _noise(kind: str, hours: int) -> Float64:
    source = np.random.default_rng(11)
    if kind == "heavy tails":
        return source.standard_t(2.5, size=hours)
    if kind == "skewed":
        return source.exponential(1.0, size=hours) - 0.7
    shape = 1 + 5 * (np.arange(hours) % 24 > 12)
    return source.normal(size=hours) * shape


@pytest.mark.parametrize("kind", ["heavy tails", "skewed", "loud afternoons"])
def test_nine_in_ten_are_covered_whatever_the_errors_are_like(kind: str) -> None:
    outside = Held().live(_noise(kind, 24 * 120))[:, 24 * 14 :]
    assert 0.08 < outside.sum(axis=0).mean() < 0.12
    assert outside.mean(axis=1) == pytest.approx([0.05, 0.05], abs=0.015)  # each side its own share


def test_each_hour_of_the_day_has_its_own_width() -> None:
    held = Held()
    held.live(_noise("loud afternoons", 24 * 60))
    band = held.promise()
    width = band.upper - band.lower
    assert width[13:].mean() > 3 * width[:13].mean()


def test_after_a_change_the_promise_is_soon_kept_again() -> None:
    held = Held()
    held.live(_noise("heavy tails", 24 * 60))
    covered = 1 - held.live(4 * _noise("heavy tails", 24 * 28)).sum(axis=0)
    assert covered.mean() > 0.80
    assert covered[24 * 14 :].mean() > 0.86


def test_the_coverage_told_is_that_of_the_last_28_days() -> None:
    held = Held()
    assert held.bands.coverage is None
    held.promise()
    held.see(0.0)
    assert [held.bands.coverage, held.bands.scored] == [1.0, 1]
    held.promise()
    held.see(1e9)
    assert [held.bands.coverage, held.bands.judged] == [pytest.approx(1 / 3), 3]
    held.live(np.full(24 * 29, np.nan))
    held.promise()
    held.see(0.0)
    assert [held.bands.coverage, held.bands.judged < held.bands.scored] == [1.0, True]


def test_missing_values_and_silent_medians_prove_nothing() -> None:
    held = Held()
    held.live(_noise("skewed", 100))
    before = held.bands.around(ZERO, held.walk.targets), held.bands.coverage
    held.bands.learn(np.nan, held.walk.memory.past.end, at=held.walk.clock.slots(100, 1))
    assert held.bands.coverage == before[1]
    np.testing.assert_array_equal(held.bands.around(ZERO, held.walk.targets), before[0])
    silent = np.full(24, np.nan)
    fresh = Held()
    fresh.bands.promise(0, silent, band=Band(silent, silent), targets=fresh.walk.targets)
    fresh.see(5.0)
    assert fresh.bands.scored == 0


def test_a_signal_that_never_moves_has_no_width() -> None:
    held = Held()
    held.live(np.zeros(200))
    band = held.promise()
    assert (band.upper - band.lower).max() == 0.0
