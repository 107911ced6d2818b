"""The ranking figure against its definition, spelled out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.vus import THRESHOLDS, range_pr, softened, vus_pr
from bessline.sources.base import Float64


def _soft_slowly(label: Float64, buffer: int) -> list[float]:
    """Each row gets sqrt(1 - distance / buffer) from each stretch nearer than half of the buffer, 1 at most."""
    soft, n = [float(value) for value in label], len(label)
    stretches = [k for k in range(n) if label[k] and (k == 0 or not label[k - 1])]
    for start in stretches:
        end = next((k for k in range(start, n) if not label[k]), n)
        for k in range(end, min(end - 1 + buffer // 2, n)):
            soft[k] += math.sqrt(1 - (k - (end - 1)) / buffer)
        for k in range(max(0, start - buffer // 2), start):
            soft[k] += math.sqrt(1 - (start - k) / buffer)
    return [min(1.0, value) for value in soft]


def _range_pr_slowly(label: Float64, score: Float64, buffer: int) -> float:
    soft, n = _soft_slowly(label, buffer), len(label)
    stretches: list[list[int]] = []
    for k in range(n):
        if soft[k] > 0:
            if k and soft[k - 1] > 0:
                stretches[-1].append(k)
            else:
                stretches.append([k])
    wanted = (sum(label) + sum(soft)) / 2
    falling = sorted(score.tolist(), reverse=True)
    area, recall_before, precision_before = 0.0, 0.0, 1.0
    for place in np.linspace(0, n - 1, THRESHOLDS).astype(int):
        said = [value >= falling[place] for value in score]
        hits = sum(value for value, yes in zip(soft, said, strict=True) if yes)
        met = sum(any(said[k] for k in stretch) for stretch in stretches) / len(stretches)
        recall, precision = min(hits / wanted, 1.0) * met, hits / sum(said)
        area += (recall - recall_before) * (precision + precision_before) / 2
        recall_before, precision_before = recall, precision
    return area


def _labels(n: int) -> Float64:
    label = np.zeros(n)
    label[40:60] = label[66:70] = label[-5:] = 1.0
    return label


@pytest.mark.parametrize("buffer", [0, 1, 2, 7, 20, 100])
def test_soft_edges_fall_off_as_defined(buffer: int) -> None:
    np.testing.assert_allclose(softened(_labels(200), buffer), _soft_slowly(_labels(200), buffer), rtol=1e-12)


@pytest.mark.parametrize("buffer", [0, 5, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_area_equals_the_slow_way(buffer: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    score = np.round(random.random(300) + 0.5 * _labels(300), 1)  # with ties
    quick = range_pr(_labels(300), score, buffer)
    assert quick == pytest.approx(_range_pr_slowly(_labels(300), score, buffer), rel=1e-9)


def test_a_perfect_score_is_near_one_and_noise_near_the_share_of_labels() -> None:
    label = np.zeros(4000)
    label[1000:1200] = label[3000:3200] = 1.0
    assert vus_pr(label, label + 0.01 * np.random.default_rng(1).random(4000), buffer=20) > 0.9
    assert vus_pr(label, np.random.default_rng(1).random(4000), buffer=20) == pytest.approx(0.1, abs=0.05)


def test_a_score_that_never_changes_ranks_nothing() -> None:
    assert vus_pr(_labels(200), np.ones(200)) == 0.0
