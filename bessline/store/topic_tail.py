"""The topics of a device whose newest rows are in memory: where their readings stand now.

Only what new rows can change is computed anew: a row at t changes readings from t until its value holds no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bessline.signals import BESS_TOPICS, READING_TOPICS, fields_of
from bessline.sources.base import Int64
from bessline.store.batch import Batch
from bessline.store.columns import ColumnFile
from bessline.store.manifest import DeviceEntry, SignalEntry, TopicEntry
from bessline.store.overlay import NO_STAMPS, Column, NoTimeline, OverlaidColumn, PatchedTimeline
from bessline.store.periods import LONE_PERIOD_S, first_period_s
from bessline.store.timeline import any_value, instants

OpenColumn = Callable[[str], ColumnFile]


class TopicTails:
    """Brings the topics of a device up to date; `entry` and `timelines` are the outcome.

    Parameters
    ----------
    entry: the device with the signals as they are now.
    base: the device as the files have it.
    open_column: opens a file that the manifest names.

    `columns` are the signals (``topic.field``) with rows in memory, `timelines` the topics that differ from the files.
    """

    def __init__(self, entry: DeviceEntry, base: DeviceEntry, *, open_column: OpenColumn) -> None:
        self.entry = entry
        self.columns: Mapping[str, OverlaidColumn] = {}
        self.timelines: dict[str, PatchedTimeline] = {}
        self._base, self._open = base, open_column

    def update(self, batch: Batch, *, anew: bool) -> None:
        """Take in the stamps of `batch`, whose rows are in `columns`. `anew`: a period has changed, so that every row
        in memory counts as new."""
        for topic in _touched(batch.topic):
            known = self.entry.topics.get(topic)
            begins = anew or known is None
            entry = self._begun(topic, batch) if known is None or anew else known
            timeline = self._from_files(topic) if begins else self._timeline(topic)
            stamps = self._all_stamps(topic) if begins else batch.stamps
            self._patch(topic, entry, timeline, stamps)

    def _begun(self, topic: str, batch: Batch) -> TopicEntry:
        """The entry of a topic; its period is measured as long as no file has settled it."""
        if topic in self._base.topics:
            return self._base.topics[topic]
        known = self.entry.topics.get(topic)
        if topic == "bess":
            parts = [self.entry.topics[part] for part in BESS_TOPICS if part in self.entry.topics]
            whole = known.whole_rows if known else any(part.whole_rows for part in parts)
            period_s = min((part.period_s for part in parts), default=LONE_PERIOD_S)
        else:
            whole = known.whole_rows if known else batch.whole_rows
            period_s = first_period_s([signal for _, signal in self._signals(topic)], whole_rows=whole)
        return TopicEntry(
            period_s=period_s, whole_rows=whole, timeline="", rows=0, start_ms=None, end_ms=None, coverage=None
        )

    def _patch(self, topic: str, entry: TopicEntry, timeline: PatchedTimeline, stamps: Int64) -> None:
        signals = self._signals(topic)
        held = [(self._column(name), signal.tolerance_ms(entry.period_s)) for name, signal in signals]
        own_ms = [signal.tolerance_ms(self._period_s(name)) for name, signal in signals]
        reach_ms = max([*own_ms, *(tolerance_ms for _, tolerance_ms in held)])
        for first_ms, last_ms in stretches(stamps, reach_ms):
            windows = self._instants(topic, entry, first_ms, last_ms)
            present = [window[any_value(held, window)] for window in windows if len(window)]
            timeline = timeline.patched(first_ms, last_ms, np.concatenate([NO_STAMPS, *present]))
        self.timelines[topic] = timeline
        topics = {**self.entry.topics, topic: self._told(topic, entry, timeline)}
        ordered = {name: topics[name] for name in (*READING_TOPICS, "bess") if name in topics}
        self.entry = replace(self.entry, topics=ordered)

    def _instants(self, topic: str, entry: TopicEntry, first_ms: int, last_ms: int) -> Iterator[Int64]:
        """Where a reading of `topic` may stand, in windows: the rule of `commit`."""
        if entry.whole_rows:
            yield np.unique(np.concatenate([NO_STAMPS, *self._own(topic, entry, first_ms, last_ms)]))
            return
        period_ms = round(entry.period_s * 1000)
        yield from instants(
            first_ms, last_ms, period_ms=period_ms, own=lambda low, high: self._own(topic, entry, low, high)
        )

    def _own(self, topic: str, entry: TopicEntry, first_ms: int, last_ms: int) -> Sequence[Int64]:
        """Stamps of whole rows from `first_ms` to `last_ms`."""
        if topic != "bess":
            names = [name for name, _ in self._signals(topic)] if entry.whole_rows else []
            return [self._column(name).between(first_ms, last_ms)[0] for name in names]
        parts = [part for part in BESS_TOPICS if part in self.entry.topics]
        wanted = [part for part in parts if entry.whole_rows or self.entry.topics[part].whole_rows]
        return [self._timeline(part).between(first_ms, last_ms) for part in wanted]

    def _timeline(self, topic: str) -> PatchedTimeline:
        return self.timelines.get(topic) or self._from_files(topic)

    def _from_files(self, topic: str) -> PatchedTimeline:
        base = self._base.topics.get(topic)
        return PatchedTimeline(NoTimeline() if base is None else self._open(base.timeline))

    def _column(self, name: str) -> Column:
        return self.columns.get(name) or self._open(self.entry.signals[name].file)

    def _signals(self, topic: str) -> list[tuple[str, SignalEntry]]:
        names = (f"{part}.{field}" for part in _parts(topic) for field in fields_of(part))
        return [(name, self.entry.signals[name]) for name in names if name in self.entry.signals]

    def _period_s(self, name: str) -> float:
        """The period of the topic that signal `name` belongs to."""
        entry = self.entry.topics.get(name.partition(".")[0])
        return LONE_PERIOD_S if entry is None else entry.period_s

    def _all_stamps(self, topic: str) -> Int64:
        own = [column.t_ms for name, column in self.columns.items() if name.partition(".")[0] in _parts(topic)]
        return np.unique(np.concatenate(own))

    def _told(self, topic: str, entry: TopicEntry, timeline: PatchedTimeline) -> TopicEntry:
        rows, base = timeline.rows, self._base.topics.get(topic)
        if not rows:
            return replace(entry, rows=0, start_ms=None, end_ms=None, coverage=None)
        start_ms, end_ms = int(timeline.stamps(0, 1)[0]), int(timeline.stamps(rows - 1, rows)[0])
        lost_ms = timeline.gap_ms(round(entry.period_s * 1000)) + _lost_ms(base)
        coverage = round(1 - max(0.0, lost_ms) / (end_ms - start_ms + entry.period_s * 1000), 6)
        return replace(entry, rows=rows, start_ms=start_ms, end_ms=end_ms, coverage=coverage)


def stretches(stamps: Int64, reach_ms: int) -> list[tuple[int, int]]:
    """The stretches [first, last] that rows at these rising stamps can change, overlapping ones as one.

    >>> stretches(np.array([0, 5, 50]), 10)
    [(0, 15), (50, 60)]
    """
    if not len(stamps):
        return []
    breaks = np.flatnonzero(np.diff(stamps) > reach_ms + 1)
    firsts = stamps[np.concatenate([[0], breaks + 1])]
    lasts = stamps[np.concatenate([breaks, [len(stamps) - 1]])] + reach_ms
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _touched(topic: str) -> tuple[str, ...]:
    if topic not in READING_TOPICS:
        return ()
    return (topic, "bess") if topic in BESS_TOPICS else (topic,)


def _parts(topic: str) -> tuple[str, ...]:
    return BESS_TOPICS if topic == "bess" else (topic,)


def _lost_ms(entry: TopicEntry | None) -> float:
    """What the stored coverage says is lost."""
    if entry is None or entry.start_ms is None or entry.end_ms is None or entry.coverage is None:
        return 0.0
    return (1 - entry.coverage) * (entry.end_ms - entry.start_ms + entry.period_s * 1000)
