"""What is drawn of a level of the pyramid: its extremes as real samples, or its buckets as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bessline.signals import Aggregation
from bessline.sources.base import Float64, Int64
from bessline.store.gaps import Mask, Points, stretches
from bessline.store.local_buckets import LocalBuckets
from bessline.store.pyramid import LEVELS, Buckets, Level


@dataclass(frozen=True, slots=True)
class Drawn:
    """Points, and from each to the next the least and the greatest value (float64[n]) of all that lie there.

    `total` is, of buckets drawn as values, the sum of each (float64[n]): of a counter, by how much it grew.
    """

    points: Points
    low: Float64
    high: Float64
    total: Float64 | None = None


def ends_of(t_ms: Int64, *, level: Level, tolerance_ms: int) -> Mask:
    """After which of n buckets a gap follows, bool[n - 1]: some are missing, for longer than a value holds."""
    ends: Mask = np.diff(t_ms) > max(LEVELS[level], tolerance_ms)
    return ends


def samples(buckets: Buckets, *, level: Level, tolerance_ms: int) -> tuple[Points, Int64]:
    """The least and the greatest value of each bucket at their own stamps, and the bucket of each (int64[n])."""
    ends = ends_of(buckets.t_ms, level=level, tolerance_ms=tolerance_ms)
    first_is_min = buckets.t_min_ms <= buckets.t_max_ms
    t_ms, value = np.empty((len(ends) + 1, 2), np.int64), np.empty((len(ends) + 1, 2))
    t_ms[:, 0] = np.where(first_is_min, buckets.t_min_ms, buckets.t_max_ms)
    t_ms[:, 1] = np.where(first_is_min, buckets.t_max_ms, buckets.t_min_ms)
    value[:, 0] = np.where(first_is_min, buckets.min, buckets.max)
    value[:, 1] = np.where(first_is_min, buckets.max, buckets.min)
    kept = np.ones(t_ms.shape, bool)
    kept[:, 1] = t_ms[:, 0] < t_ms[:, 1]
    bucket = np.repeat(np.arange(len(t_ms)), 2)[kept.ravel()]
    breaks = buckets.t_ms[:-1][ends] + LEVELS[level]
    return Points(t_ms[kept], value[kept], stretches(ends)[bucket], breaks), bucket


def enveloped(points: Points, buckets: Buckets, bucket: Int64) -> Drawn:
    """`points`, of which the first lies in the first of the buckets, with what lies between them."""
    return Drawn(points, np.minimum.reduceat(buckets.min, bucket), np.maximum.reduceat(buckets.max, bucket))


def values(buckets: Buckets, aggregation: Aggregation, *, level: Level, tolerance_ms: int, most: int) -> Drawn:
    """One point a bucket, at its start: mean, last or greatest value. More than `most` are joined to wider ones."""
    ends = ends_of(buckets.t_ms, level=level, tolerance_ms=tolerance_ms)
    stretch = stretches(ends)
    breaks = buckets.t_ms[:-1][ends] + LEVELS[level]
    starts, width_ms = _joined(buckets.t_ms, LEVELS[level], most)
    lasts = np.append(starts[1:], len(buckets.t_ms)) - 1
    total = np.add.reduceat(buckets.sum, starts)
    match aggregation:
        case "mean":
            value = total / np.add.reduceat(buckets.n, starts)
        case "last":
            value = buckets.last[lasts]
        case "max":
            value = np.maximum.reduceat(buckets.max, starts)
    points = _numbered(buckets.t_ms[starts] // width_ms * width_ms, value, stretch[starts], stretch[lasts], breaks)
    return replace(enveloped(points, buckets, starts), total=total)


def local_values(found: LocalBuckets, aggregation: Aggregation, *, tolerance_ms: int) -> Drawn:
    """One point a local hour or day, at the instant at which it begins: mean, last or greatest value."""
    buckets, end_ms = found.buckets, found.end_ms
    silent_ms = buckets.t_ms[1:] - end_ms[:-1]
    ends = silent_ms > np.maximum(0, tolerance_ms - (end_ms - buckets.t_ms)[:-1])
    value = {"mean": buckets.mean, "last": buckets.last, "max": buckets.max}[aggregation]
    points = Points(buckets.t_ms, value, stretches(ends), end_ms[:-1][ends])
    return Drawn(points, buckets.min, buckets.max, buckets.sum)


def _joined(t_ms: Int64, level_ms: int, most: int) -> tuple[Int64, int]:
    """Where each of at most `most` groups of buckets begins, and how wide (ms) the groups are."""
    times = 1
    while True:
        width_ms = level_ms * times
        starts = np.flatnonzero(np.diff(t_ms // width_ms, prepend=np.int64(-(2**62))))
        if len(starts) <= most:
            return starts, width_ms
        times = max(times + 1, -(-times * len(starts) // most))


def _numbered(t_ms: Int64, value: Float64, first: Int64, last: Int64, breaks: Int64) -> Points:
    """Points that reach from stretch `first` to stretch `last` each; a gap inside of one cannot be drawn."""
    ends = first[1:] != last[:-1]
    return Points(t_ms, value, stretches(ends), breaks[last[:-1][ends]])
