"""Merges: several sorted files of a signal become one. Stands by itself, so that a worker loads little else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bessline.sources.base import SignalId
from bessline.store.growth import grown
from bessline.store.manifest import SignalEntry
from bessline.store.rejects import RejectFile
from bessline.store.retention import Kept, merge_kept


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge of `runs` (later ones win) into `target`, with what lost against `source` written to `rejects`.

    `behind` are the entries of the two runs where there are but two, the first one stored: perhaps they need no merge.
    """

    signal: SignalId
    source: Path
    runs: tuple[Path, ...]
    target: Path
    rejects: Path
    kept: Kept | None = None
    behind: tuple[SignalEntry, SignalEntry] | None = None


def run_merge(merge: Merge) -> tuple[SignalEntry, int, int]:
    """Worker side of a merge: the new entry, how many rows came again, and how many lost against another value."""
    if merge.behind is not None and merge.kept is None:
        appended = grown(merge.signal, *merge.behind, merge.target)
        if appended is not None:
            return appended, 0, 0
    lost = RejectFile(merge.rejects, merge.source)
    taker = lost.superseded(merge.signal)
    entry, duplicates, conflicts = merge_kept(merge.signal, merge.runs, merge.target, superseded=taker, kept=merge.kept)
    lost.close()
    return entry, duplicates, conflicts
