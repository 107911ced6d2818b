"""Committing staged files: rows join what the store has, timelines are written, and the manifest is swapped."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from bessline.signals import BESS_TOPICS, READING_TOPICS, fields_of
from bessline.sources.base import Job, SignalId, Source
from bessline.store.align import Held, TimelineSummary, write_timeline
from bessline.store.manifest import DeviceEntry, Manifest, SignalEntry, TopicEntry, publish, write_manifest
from bessline.store.runs import merge_runs
from bessline.store.staging import Receipt, RejectFile, job_name

#: The period of a topic none of whose signals has two values.
_LONE_PERIOD_S = 60.0


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge of `runs` (later ones win) into `target`, with what lost written to `rejects`."""

    signal: SignalId
    runs: tuple[Path, ...]
    target: Path
    rejects: Path


def run_merge(merge: Merge) -> tuple[SignalEntry, int]:
    """Worker side of a merge: the new entry, and how many rows lost against another value of the same stamp."""
    lost = RejectFile(merge.rejects, merge.target)
    taker = lost.superseded(merge.signal)
    entry, _, conflicts = merge_runs(merge.signal, merge.runs, merge.target, superseded=taker)
    lost.close()
    return entry, conflicts


class Commit:
    """Brings the receipts of one group of jobs into the store at `path`, as one swap of the manifest."""

    def __init__(self, path: Path, source: Source, *, manifest: Manifest, pool: Executor) -> None:
        self._path, self._source, self._pool = path, source, pool
        self._before = manifest
        self._generation = manifest.generation + 1

    def run(self, receipts: Sequence[tuple[Job, Receipt]]) -> Manifest:
        """Do it, and return the manifest that is now in force."""
        devices = dict(self._before.devices)
        lost = self._settle(receipts, devices)
        for device_id in sorted({signal.device_id for signal in _signals(receipts)}):
            devices[device_id] = self._with_topics(device_id, devices[device_id])
        files = dict(self._before.files)
        for job, receipt in receipts:
            kept = [self._publish_rejects(job, Path(name)) for name in receipt.file.reject_files]
            kept += [name for name in lost.get(job.file, []) if (self._path / name).exists()]
            files[str(job.file)] = receipt.file.model_copy(update={"reject_files": tuple(kept)})
        manifest = self._before.model_copy(update={"generation": self._generation, "devices": devices, "files": files})
        write_manifest(self._path, manifest)
        return manifest

    def _settle(
        self, receipts: Sequence[tuple[Job, Receipt]], devices: dict[str, DeviceEntry]
    ) -> dict[Path, list[str]]:
        """Give every signal its one file: a lone run is moved in, several are merged by the workers."""
        runs: dict[SignalId, list[tuple[Path, SignalEntry]]] = {}
        for job, receipt in receipts:
            for name, entry in receipt.runs.items():
                runs.setdefault(parse_signal(name), []).append((job.file, entry))
        merges: dict[SignalId, Future[tuple[SignalEntry, int]]] = {}
        settled: dict[SignalId, SignalEntry] = {}
        lost: dict[Path, list[str]] = {}
        for signal, found in runs.items():
            target = self._target(signal.device_id, f"{signal.topic}-{signal.field}")
            known = self._known(signal)
            if known is None and len(found) == 1:
                publish(Path(found[0][1].file), target)
                settled[signal] = self._named(found[0][1], target)
                continue
            rejects = self._rejects / f"superseded-{target.stem}.csv"
            earlier = [] if known is None else [self._path / known.file]
            paths = (*earlier, *(Path(entry.file) for _, entry in found))
            merges[signal] = self._pool.submit(run_merge, Merge(signal, paths, target, rejects))
            lost.setdefault(found[-1][0], []).append(str(rejects.relative_to(self._path)))
        for signal, future in merges.items():
            entry, _ = future.result()
            settled[signal] = self._named(entry, Path(entry.file))
        for signal in sorted(settled):
            device = devices.get(signal.device_id) or DeviceEntry(timezone=self._source.timezone)
            signals = {**device.signals, f"{signal.topic}.{signal.field}": settled[signal]}
            zone = self._source.timezone or device.timezone
            devices[signal.device_id] = device.model_copy(update={"signals": signals, "timezone": zone})
        return lost

    def _known(self, signal: SignalId) -> SignalEntry | None:
        device = self._before.devices.get(signal.device_id)
        return device.signals.get(f"{signal.topic}.{signal.field}") if device else None

    def _named(self, entry: SignalEntry, path: Path) -> SignalEntry:
        return entry.model_copy(update={"file": str(path.relative_to(self._path)), "hold_s": self._source.hold_s})

    def _target(self, device_id: str, name: str) -> Path:
        folder = self._path / "devices" / device_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}-{self._generation:x}{secrets.token_hex(3)}.parquet"

    @property
    def _rejects(self) -> Path:
        folder = self._path / "rejects"
        folder.mkdir(exist_ok=True)
        return folder

    def _publish_rejects(self, job: Job, staged: Path) -> str:
        target = self._rejects / f"{job_name(job)}-{self._generation:x}.csv"
        publish(staged, target)
        return str(target.relative_to(self._path))

    def _with_topics(self, device_id: str, device: DeviceEntry) -> DeviceEntry:
        """The device with new timelines: first of its topics, then of ``bess``, which may follow theirs."""
        topics: dict[str, TopicEntry] = {}
        wanted = [topic for topic in READING_TOPICS if any(field in fields_of(topic) for field in device.fields(topic))]
        pending = {topic: self._timeline(device_id, device, topic, parts=(topic,)) for topic in wanted}
        for topic, build in pending.items():
            topics[topic] = build.entry(self._path)
        parts = tuple(topic for topic in BESS_TOPICS if topic in topics)
        if parts:
            whole = [topics[topic] for topic in parts if topics[topic].whole_rows]
            finest = min(topics[topic].period_s for topic in parts)
            stamps = tuple(self._path / topics[topic].timeline for topic in parts) if whole else None
            build = self._timeline(device_id, device, "bess", parts=parts, period_s=finest, stamps=stamps)
            topics["bess"] = build.entry(self._path)
        return device.model_copy(update={"topics": topics})

    def _timeline(
        self,
        device_id: str,
        device: DeviceEntry,
        topic: str,
        *,
        parts: tuple[str, ...],
        period_s: float | None = None,
        stamps: tuple[Path, ...] | None = None,
    ) -> _Timeline:
        known = device.topics.get(topic)
        whole_rows = known.whole_rows if known else (self._source.whole_rows if topic != "bess" else stamps is not None)
        own = [
            device.signals[f"{part}.{field}"]
            for part in parts
            for field in fields_of(part)
            if field in device.fields(part)
        ]
        period_s = known.period_s if known else period_s or first_period_s(own, whole_rows=whole_rows)
        held = [Held(self._path / entry.file, entry.tolerance_ms(period_s)) for entry in own]
        if whole_rows and stamps is None:
            stamps = tuple(signal.path for signal in held)
        target = self._target(device_id, f"timeline-{topic}")
        future = self._pool.submit(write_timeline, held, target, period_ms=round(period_s * 1000), stamps=stamps)
        return _Timeline(target, future, period_s=period_s, whole_rows=whole_rows)


class _Timeline:
    """A timeline being written."""

    def __init__(self, target: Path, future: Future[TimelineSummary], *, period_s: float, whole_rows: bool) -> None:
        self._target, self._future = target, future
        self._period_s, self._whole_rows = period_s, whole_rows

    def entry(self, store: Path) -> TopicEntry:
        found = self._future.result()
        return TopicEntry(
            period_s=self._period_s,
            whole_rows=self._whole_rows,
            timeline=str(self._target.relative_to(store)),
            rows=found.rows,
            start_ms=found.start_ms,
            end_ms=found.end_ms,
            coverage=_coverage(found, self._period_s),
        )


def _coverage(found: TimelineSummary, period_s: float) -> float | None:
    """Share of the span between first and last reading, one period included, that is not lost in gaps."""
    if found.start_ms is None or found.end_ms is None:
        return None
    return round(1 - found.gap_ms / (found.end_ms - found.start_ms + period_s * 1000), 6)


def first_period_s(signals: Iterable[SignalEntry], *, whole_rows: bool) -> float:
    """The period of a topic: its finest signal's, in whole seconds where a grid is laid (30.4 s becomes 30 s)."""
    periods = [signal.period_s for signal in signals if signal.period_s]
    finest = min(periods, default=_LONE_PERIOD_S)
    return finest if whole_rows else float(max(1, round(finest)))


def parse_signal(name: str) -> SignalId:
    """The inverse of ``str(SignalId)``.

    >>> parse_signal("bess1/bms.soc")
    SignalId(device_id='bess1', topic='bms', field='soc')
    """
    device_id, _, rest = name.partition("/")
    topic, _, field = rest.partition(".")
    return SignalId(device_id, topic, field)


def _signals(receipts: Sequence[tuple[Job, Receipt]]) -> set[SignalId]:
    return {parse_signal(name) for _, receipt in receipts for name in receipt.runs}
