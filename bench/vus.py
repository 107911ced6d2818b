"""Volume under the precision-recall surface: how well a score ranks labelled stretches, whatever its scale.

J. Paparrizos et al.: Volume Under the Surface, PVLDB 15(11), 2022. Nothing is point-adjusted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64

THRESHOLDS = 250


def segments(label: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Half-open stretches of what is above zero."""
    edges = np.flatnonzero(np.diff(np.r_[0, (label > 0).astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def softened(label: Float64, buffer: int) -> Float64:
    """Labels that fall off beside each stretch, over half of `buffer` rows on either side, as the paper has it."""
    soft = label.copy()
    fall = np.sqrt(1 - np.arange(buffer // 2) / max(buffer, 1))
    for start, end in segments(label):
        after = fall[: max(0, len(label) - end + 1)]
        soft[end - 1 : end - 1 + len(after)] += after
        before = fall[1:][: max(0, start)] if buffer // 2 else fall
        rows = np.arange(start - 1, start - 1 - len(before), -1)
        soft[rows] += before
        if buffer // 2 and start - buffer // 2 >= 0:
            soft[start - buffer // 2] += np.sqrt(1 - (buffer // 2) / buffer)
    return np.minimum(soft, 1.0)


def range_pr(label: Float64, score: Float64, buffer: int) -> float:
    """Area under the range-based precision-recall curve at one width of the soft edges."""
    soft = softened(label, buffer)
    parts = segments(soft)
    falling = np.sort(score)[::-1]
    thresholds = falling[np.linspace(0, len(score) - 1, THRESHOLDS).astype(int)]
    chosen = len(score) - np.searchsorted(falling[::-1], thresholds, side="left")
    hits = np.cumsum(soft[np.argsort(-score, kind="stable")])[chosen - 1]
    peaks = np.array([score[a:b].max() for a, b in parts])
    found = (peaks[None, :] >= thresholds[:, None]).mean(axis=1)
    wanted = (label.sum() + soft.sum()) / 2
    recall = np.r_[0.0, np.minimum(hits / wanted, 1.0) * found]
    precision = np.r_[1.0, hits / chosen]
    return float(np.sum(np.diff(recall) * (precision[1:] + precision[:-1]) / 2))


def vus_pr(label: Float64, score: Float64, *, buffer: int = 100) -> float:
    """The mean of `range_pr` over all widths from 0 to `buffer` rows.

    Parameters
    ----------
    label: float64[rows], 1 within a labelled stretch and 0 elsewhere.
    score: float64[rows], higher is odder, no NaN. One that is the same everywhere ranks nothing and gets 0.
    """
    if score.min() == score.max():
        return 0.0
    return float(np.mean([range_pr(label, score, width) for width in range(buffer + 1)]))
