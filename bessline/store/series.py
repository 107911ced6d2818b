"""Series for charts: any span of a signal in a bounded number of points, with its spikes and its gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from bessline.errors import BadParameter, NotKnown, StoreDamaged
from bessline.signals import Aggregation, lookup
from bessline.sources.base import Float64, Int64
from bessline.store.archive import Store
from bessline.store.counters import NOTHING, counting_of
from bessline.store.levels import Drawn, enveloped, local_values, samples, values
from bessline.store.live_pyramid import values_before
from bessline.store.local_buckets import QUARTER, LocalUnit, local_buckets
from bessline.store.manifest import SignalEntry
from bessline.store.periods import LONE_PERIOD_S
from bessline.store.pyramid import LEVELS, NO_BUCKETS, Buckets, Level, coarser, fold, joined
from bessline.store.readings import stamps
from bessline.store.rows import read_points
from bessline.store.thinning import thinned

Resolution = Literal["auto", "raw", "5min", "15min", "1h", "1d"]
RESOLUTIONS: tuple[str, ...] = get_args(Resolution)
#: Levels drawn without being asked for, coarsest first: in a day's buckets a hole of a day need not show.
_DRAWN: tuple[Level, ...] = ("1h", "15min", "5min")
#: With so many buckets for each point a level offers as many extremes as MinMaxLTTB would choose from the rows.
_BUCKETS_A_POINT = 2
#: So few rows are drawn as they are; of so many even a level with fewer points is drawn.
_FEW_ROWS, _MANY_ROWS = 50_000, 400_000


@dataclass(frozen=True, slots=True)
class Wish:
    """At most `most` points of the signal ``topic.field`` in [start_ms, end_ms); ``None`` is open.

    `zone`, an IANA name, makes the buckets of ``1h`` and ``1d`` its hours and days; without it they are those of UTC.
    """

    device_id: str
    name: str
    start_ms: int | None = None
    end_ms: int | None = None
    most: int = 2000
    resolution: Resolution = "auto"
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One signal as it is drawn.

    Parameters
    ----------
    resolution: ``raw``, or the level that was used.
    drawn: what `value` is: ``sample`` (at its own stamp), or how a bucket became one (at the bucket's start).
    t_ms, value: int64[n] and float64[n]; a NaN stands in each gap and nowhere else.
    low, high: float64[n], the least and the greatest value from this point to the next; None for ``raw``.
    total: of a counter in buckets that were asked for, float64[n], by how much it grew in each; else None.
    points: how many of them are values.
    coverage: the share of the values that the signal's median period lets expect in the range, at most 1; None where
        nothing can be expected: it has no period, or its values hold until they change.
    """

    resolution: str
    drawn: str
    t_ms: Int64
    value: Float64
    low: Float64 | None
    high: Float64 | None
    points: int
    coverage: float | None
    total: Float64 | None = None


def series(store: Store, wish: Wish) -> Series:
    """The series that `wish` asks for.

    Raises
    ------
    NotKnown
        no such device, or it does not have the signal.
    BadParameter
        the range has more local hours or days than points, or the zone none that can be told.
    StoreDamaged
    """
    try:
        return _Reading(store, wish).series()
    except StoreDamaged:
        # an ingest may have removed a file that only the earlier manifest names
        if not store.refresh():
            raise
        return _Reading(store, wish).series()


def signal_entry(store: Store, device_id: str, name: str) -> SignalEntry:
    """What is known of a stored signal, or `NotKnown` with the names near to it."""
    device = store.devices.get(device_id)
    if device is None:
        raise NotKnown("device", device_id, known=store.devices)
    if name not in device.signals:
        raise NotKnown(f"signal of {device_id}", name, known=device.signals)
    return device.signals[name]


def _dropped(wish: Wish, kept_ms: int, entry: SignalEntry) -> str:
    """What is said where a level is asked for before it is kept."""
    kind = "rows" if wish.resolution == "raw" else f"buckets for {wish.resolution}"
    whole = [level for level in LEVELS if entry.kept_from.get(level, 0) <= max(wish.start_ms or 0, entry.first_ms)]
    way = f"resolution=auto{', ' + whole[0] if whole else ''}"
    (since,) = stamps(np.array([kept_ms]))
    return f"{kind} of {wish.device_id} {wish.name} are kept from {since} on; ask from then on, or for {way}"


class _Reading:
    """One signal, its range cut to where it has rows."""

    def __init__(self, store: Store, wish: Wish) -> None:
        self._wish, self._store = wish, store
        self._entry = entry = signal_entry(store, wish.device_id, wish.name)
        topic, _, field = wish.name.partition(".")
        known = store.devices[wish.device_id].topics.get(topic)
        self._signal = lookup(topic, field)
        self._counting = counting_of(self._signal)
        self._tolerance_ms = entry.tolerance_ms(known.period_s if known else LONE_PERIOD_S)
        self._column = store.signal(wish.device_id, wish.name)
        self._first_ms = self._begin()
        self._last_ms = entry.end_ms if wish.end_ms is None else min(wish.end_ms - 1, entry.end_ms)

    def _begin(self) -> int:
        """Where to begin: with the signal, and, if its start was not asked for, with what is kept of the level."""
        entry, wish = self._entry, self._wish
        kind = wish.resolution if wish.zone is None else QUARTER
        kept_ms = max(entry.first_ms, entry.kept_from.get(kind, entry.first_ms))
        if wish.start_ms is None:
            return kept_ms
        if max(wish.start_ms, entry.first_ms) < kept_ms:
            raise BadParameter("resolution", _dropped(wish, kept_ms, entry))
        return max(wish.start_ms, entry.first_ms)

    def series(self) -> Series:
        level = self._level()
        if level is None:
            return self._raw()
        stored = level if self._wish.zone is None else QUARTER
        buckets = self._buckets(stored) if self._first_ms <= self._last_ms else None
        if buckets is None or not len(buckets):
            return self._nothing(level)
        if self._wish.resolution != "auto":
            drawn = self._values(buckets, level) if self._wish.zone is None else self._local(buckets, level)
            return self._shown(level, self._aggregation, drawn, count=int(buckets.n.sum()))
        points, bucket = samples(buckets, level=level, tolerance_ms=self._tolerance_ms)
        index = thinned(points, self._wish.most)
        drawn = enveloped(points.at(index), buckets, bucket[index])
        return self._shown(level, "sample", drawn, count=int(buckets.n.sum()))

    def _level(self) -> Level | None:
        """The level to draw, or None for the rows themselves."""
        wanted, rows, most = self._wish.resolution, self._rows(), self._wish.most
        if wanted != "auto":
            return None if wanted == "raw" else wanted
        if rows <= max(_FEW_ROWS, most):
            return self._kept(None)
        for level in _DRAWN:
            if self._last_ms - self._first_ms >= _BUCKETS_A_POINT * most * LEVELS[level]:
                return self._kept(level)
        return self._kept(_DRAWN[-1] if rows > max(_MANY_ROWS, 10 * most) else None)

    def _kept(self, level: Level | None) -> Level | None:
        """The level, or the next coarser one that is kept for all of the range."""
        kinds: tuple[Level | None, ...] = (None, *LEVELS)
        for kind in kinds[kinds.index(level) :]:
            if self._entry.kept_from.get(kind or "raw", self._first_ms) <= self._first_ms:
                return kind
        return "1d"

    def _rows(self) -> float:
        """About how many rows there are."""
        whole = self._entry.end_ms - self._entry.start_ms + 1
        return self._entry.rows * max(0.0, (self._last_ms - self._first_ms + 1) / whole)

    def _raw(self) -> Series:
        points, count = read_points(
            self._column,
            self._first_ms,
            self._last_ms,
            rows=self._rows(),
            tolerance_ms=self._tolerance_ms,
            most=self._wish.most,
        )
        return self._shown("raw", "sample", Drawn(points, points.value, points.value), count=count)

    @property
    def _aggregation(self) -> Aggregation:
        return "mean" if self._signal is None else self._signal.aggregation

    def _values(self, buckets: Buckets, level: Level) -> Drawn:
        drawn = values(buckets, self._aggregation, level=level, tolerance_ms=self._tolerance_ms, most=self._wish.most)
        stamps = np.maximum(drawn.points.t_ms, self._first_ms)
        return replace(drawn, points=replace(drawn.points, t_ms=stamps))

    def _local(self, quarters: Buckets, level: Level) -> Drawn:
        unit: LocalUnit = "day" if level == "1d" else "hour"
        found, most = local_buckets(quarters, self._wish.zone or "UTC", unit), self._wish.most
        if len(found) > most:
            way = f"write max_points={len(found)} (100000 at most), or a shorter range"
            raise BadParameter("max_points", f"the range holds {len(found)} local {unit}s, more than {most}; {way}")
        return local_values(found, self._aggregation, tolerance_ms=self._tolerance_ms)

    def _buckets(self, level: Level) -> Buckets:
        """The buckets of the range, without empty ones; those that it cuts hold only what lies inside."""
        width, entry = LEVELS[level], self._entry
        cut_start, cut_end = self._first_ms > entry.first_ms, self._last_ms < entry.end_ms
        first = self._first_ms // width * width + width * (cut_start and self._first_ms % width > 0)
        end = (self._last_ms + 1) // width * width if cut_end else self._last_ms // width * width + width
        if first >= end:
            return self._folded(self._first_ms, self._last_ms, level)
        parts = [self._store.pyramid(self._wish.device_id, self._wish.name).between(level, first, end - width)]
        if self._first_ms < first:
            parts.insert(0, self._folded(self._first_ms, first - 1, level))
        if end <= self._last_ms:
            parts.append(self._folded(end, self._last_ms, level))
        return joined(parts)

    def _folded(self, first_ms: int, last_ms: int, level: Level) -> Buckets:
        """Of the rows; where these were dropped of the finest buckets inside that are kept."""
        if first_ms < self._entry.kept_from.get("raw", first_ms):
            return self._gathered(first_ms, last_ms, level)
        before, counting = NOTHING, None if self._wish.resolution == "auto" else self._counting
        if counting is not None:
            before = values_before(self._column, first_ms, since_ms=self._entry.first_ms)
        return fold(*self._column.between(first_ms, last_ms), level=level, counting=counting, before=before)

    def _gathered(self, first_ms: int, last_ms: int, level: Level) -> Buckets:
        for finer, width in LEVELS.items():
            begin, end = -(-first_ms // width) * width, (last_ms + 1) // width * width
            if finer == level or begin >= end:
                break
            if self._entry.kept_from.get(finer, begin) <= begin:
                pyramid = self._store.pyramid(self._wish.device_id, self._wish.name)
                return coarser(pyramid.between(finer, begin, end - 1), level, of=finer)
        return NO_BUCKETS

    def _nothing(self, level: Level) -> Series:
        nothing = np.empty(0)
        return Series(level, "sample", nothing.astype(np.int64), nothing, nothing, nothing, 0, self._coverage(0))

    def _shown(self, resolution: str, drawn: str, what: Drawn, *, count: int) -> Series:
        points = what.points
        after = points.broken()
        values = [np.insert(column, after, np.nan) for column in (points.value, what.low, what.high)]
        low, high = (None, None) if resolution == "raw" else (values[1], values[2])
        t_ms = np.insert(points.t_ms, after, points.nulls())
        total = None
        if self._counting is not None and what.total is not None:
            total = np.insert(what.total, after, np.nan)
        return Series(resolution, drawn, t_ms, values[0], low, high, len(points), self._coverage(count), total)

    def _coverage(self, count: int) -> float | None:
        """`count` values against those expected between the asked start and end, the signal's own where open."""
        entry, wish = self._entry, self._wish
        if entry.period_s is None or entry.hold_s is not None:
            return None
        period_ms = entry.period_s * 1000
        start_ms = self._first_ms if wish.start_ms is None else wish.start_ms
        end_ms = entry.end_ms + period_ms if wish.end_ms is None else wish.end_ms
        expected = round((end_ms - start_ms) / period_ms)
        return None if expected < 1 else round(min(1.0, count / expected), 6)
