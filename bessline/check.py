"""What a store holds, told for a person: devices, signals, spans, cadence, gaps, coverage, signs, rejects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bessline.managers import Managers
from bessline.sign import sign_evidence
from bessline.signals import READING_TOPICS, lookup
from bessline.store import Store
from bessline.store.manifest import DeviceEntry, FileEntry, SignalEntry
from bessline.store.readings import stamps


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of words: rows of as many cells as `columns`."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """The findings: tables and sentences, in the order in which a person wants them."""

    tables: list[Table]
    sentences: list[str]


def check_store(store: Store) -> Check:
    """Look through `store`. Reads the manifest, and for the sign evidence SOC and current of each device."""
    managers = Managers(store)
    tables: list[Table] = []
    sentences: list[str] = []
    for device_id, device in sorted(store.devices.items()):
        zone = device.timezone or "UTC (no zone stated)"
        tables.append(Table(f"{device_id}: readings, local days in {zone}", _TOPIC_COLUMNS, list(_topics(device))))
        tables.append(Table(f"{device_id}: signals", _SIGNAL_COLUMNS, list(_signals(device))))
        evidence = sign_evidence(managers, device_id)
        if evidence is not None:
            sentences.append(f"{device_id}: {evidence.sentence}")
        unknown = device.fields("unclassified")
        if unknown:
            sentences.append(f"{device_id}: not in the catalogue, kept as unclassified: {', '.join(unknown)}")
    sentences += _file_sentences(store.path, store.manifest.files)
    return Check(tables, sentences)


_TOPIC_COLUMNS = ("topic", "readings", "from", "to", "period", "coverage")
_SIGNAL_COLUMNS = (
    "signal",
    "unit",
    "rows",
    "missing",
    "from",
    "to",
    "period",
    "gaps",
    "coverage",
    "low",
    "high",
    "odd",
)


def _topics(device: DeviceEntry) -> Iterator[tuple[str, ...]]:
    for topic in (*READING_TOPICS, "bess"):
        entry = device.topics.get(topic)
        if entry is None or entry.start_ms is None or entry.end_ms is None:
            continue
        stamp = stamps(np.array([entry.start_ms, entry.end_ms]))
        grid = "own stamps" if entry.whole_rows else f"{entry.period_s:g} s"
        yield topic, f"{entry.rows:,}", *stamp, grid, _percent(entry.coverage)


def _signals(device: DeviceEntry) -> Iterator[tuple[str, ...]]:
    """One row a signal; the cells, hundreds of like signals, are summed up in one row a quantity."""
    cells: dict[str, list[SignalEntry]] = {}
    for name, entry in sorted(device.signals.items()):
        topic, _, field = name.partition(".")
        if topic == "cells":
            cells.setdefault("V" if "_v" in field else "Cel", []).append(entry)
            continue
        signal = lookup(topic, field)
        yield _signal_row(name, "" if signal is None else signal.symbol, [entry])
    for unit, entries in sorted(cells.items()):
        yield _signal_row(f"cells.* ({len(entries)})", "V" if unit == "V" else "°C", entries)


def _signal_row(name: str, unit: str, entries: list[SignalEntry]) -> tuple[str, ...]:
    start, end = min(entry.start_ms for entry in entries), max(entry.end_ms for entry in entries)
    periods = [entry.period_s for entry in entries if entry.period_s is not None]
    span_s = sum((entry.end_ms - entry.start_ms) / 1000 for entry in entries)
    covered = 1 - sum(entry.gap_s for entry in entries) / span_s if span_s else None
    lows, highs = [e.low for e in entries if e.low is not None], [e.high for e in entries if e.high is not None]
    return (
        name,
        unit,
        f"{sum(entry.rows for entry in entries):,}",
        f"{sum(entry.markers for entry in entries):,}",
        *stamps(np.array([start, end])),
        f"{np.median(periods):g} s" if periods else "none",
        f"{sum(entry.gaps for entry in entries):,}",
        _percent(covered),
        f"{min(lows):.10g}" if lows else "none",
        f"{max(highs):.10g}" if highs else "none",
        f"{sum(entry.out_of_range for entry in entries):,}",
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.2%}"


def _file_sentences(store: Path, files: dict[str, FileEntry]) -> Iterator[str]:
    entries = files.values()
    yield (
        f"{len(files):,} files: {sum(file.rows for file in entries):,} rows read,"
        f" {sum(file.duplicates for file in entries):,} exact duplicates dropped,"
        f" {sum(file.conflicts for file in entries):,} replaced by a later row of the same stamp,"
        f" {sum(file.rejected for file in entries):,} rejected"
    )
    for path, file in sorted(files.items()):
        for text, rows in file.notes.items():
            yield f"{path}: {rows:,} rows: {text}"
        if file.rejected or file.conflicts:
            kept = ", ".join(str(store / name) for name in file.reject_files)
            yield f"{path}: {file.rejected:,} rejected and {file.conflicts:,} replaced rows are kept in {kept}"
