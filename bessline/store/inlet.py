"""The inlet: live input of a store, on disk before it is acknowledged and readable at once. It blocks: for a thread."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bessline.errors import StoreError, StoreFull, StoreLocked, StoreUnwritable
from bessline.store.archive import Store, newest_ms
from bessline.store.batch import Batch
from bessline.store.journal import FOLDER, Journal
from bessline.store.lock import disk_errors, hold
from bessline.store.overlay import OverlaidColumn
from bessline.store.seal import seal
from bessline.store.state import State
from bessline.store.workers import executor

logger = logging.getLogger(__name__)
_NO_SPACE = "no space left; rows are taken again as soon as there is some"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the journal holds at most before its rows move into the files.

    `values`: so many, or for `age_s` seconds. Beyond `most_values` (the files cannot be written) nothing is taken.
    """

    values: int = 250_000
    age_s: float = 3600.0
    most_values: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch.

    `late` rows are not newer than what the topic had before, `duplicates` say nothing that was not known. `before` is
    the store as it was then.
    """

    batch: Batch
    late: int
    duplicates: int
    before: State


class Inlet:
    """Takes live input for `store`; one process a store. Safe to use from several threads.

    `failure` is why nothing could be written lately, None where all is well.
    """

    def __init__(
        self, store: Store, *, bounds: Bounds | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.store, self.bounds = store, bounds or Bounds()
        self.failure: StoreError | None = None
        self._monotonic = monotonic
        self._journal: Journal | None = None
        self._handle: int | None = None
        self._mutex, self._sealing = threading.Lock(), threading.Lock()
        self._since_s: float | None = None
        self._values = 0

    @property
    def is_open(self) -> bool:
        """Whether this process has the journal."""
        return self._journal is not None

    def recover(self) -> None:
        """Take over the journal that an earlier process left, if there is one."""
        if (self.store.path / FOLDER).is_dir() and self.store.writable:
            try:
                with self._mutex:
                    self._opened()
            except StoreError as error:
                logger.warning("no live input: %s", error)

    def write(self, batches: Sequence[Batch]) -> list[Taken]:
        """Keep batches, all or none, with one force to disk, and let them be read.

        Raises
        ------
        StoreLocked
            another process takes the live input of this store.
        StoreUnwritable, StoreFull
            the file system refuses, or rows could not be moved into the files for too long.
        """
        with self._mutex:
            try:
                journal = self._opened()
            except StoreFull as error:
                raise self._failed(error) from error
            self._check_bounds()
            try:
                with disk_errors(self.store.path):
                    numbers = journal.append([batch.encode() for batch in batches])
            except StoreError as error:
                raise self._failed(error) from error
            self.failure = None
            if self._since_s is None:
                self._since_s = self._monotonic()
            return [self._take(number, batch) for number, batch in zip(numbers, batches, strict=True)]

    def _failed(self, error: StoreError) -> StoreError:
        """Keep why nothing can be written. Nobody has a command to run again here."""
        full = isinstance(error, StoreFull)
        self.failure = StoreFull(_NO_SPACE, path=self.store.path) if full else error
        return self.failure

    def _take(self, number: int, batch: Batch) -> Taken:
        before = self.store.state
        taken = Taken(batch, *_counted(self.store, before, batch), before)
        self.store.take([(number, batch)])
        self._values += _size(batch)
        return taken

    def _check_bounds(self) -> None:
        if self._values > max(self.bounds.most_values, 2 * self.bounds.values):
            reason = "live input waits to be moved into the files, and that does not work; the log says why"
            self.failure = StoreFull(reason, path=self.store.path)
            raise self.failure

    def _opened(self) -> Journal:
        if self._journal is None:
            path = self.store.path
            if not self.store.writable:
                raise StoreUnwritable("is read-only; live input needs a store that can be written", path=path)
            with disk_errors(path):
                (path / FOLDER).mkdir(exist_ok=True)
                self._handle = hold(path / FOLDER / ".lock")
                if self._handle is None:
                    raise StoreLocked("another process takes the live input of this store; send it there", path=path)
                self._journal = self._open_journal(path)
        return self._journal

    def _open_journal(self, path: Path) -> Journal:
        try:
            self.store.refresh()
            journal = Journal(path / FOLDER, after=self.store.manifest.sealed)
            self.store.adopt(journal.records)
        except BaseException:
            assert self._handle is not None
            os.close(self._handle)
            self._handle = None
            raise
        self._count(self.store.state)
        return journal

    def _count(self, state: State) -> None:
        tails = (column for view in state.tails.values() for column in view.columns.values())
        self._values = sum(len(column.t_ms) for column in tails)
        self._since_s = self._monotonic() if self._values else None

    def probe(self) -> None:
        """Find out whether what failed works again."""
        if self.failure is None:
            return
        try:
            with self._mutex, disk_errors(self.store.path):
                self._opened().probe()
        except StoreError as error:
            self._failed(error)
        else:
            self.failure = None

    def is_full(self) -> bool:
        """Whether it is time to seal."""
        if self._since_s is None:
            return False
        return self._values >= self.bounds.values or self._monotonic() - self._since_s >= self.bounds.age_s

    def seal(self, *, workers: int = 1) -> None:
        """Move what there is into the files; reading and writing go on meanwhile. See `bessline.store.seal`."""
        with self._sealing:
            with self._mutex:
                journal, state = self._journal, self.store.state
                if journal is None or not state.tails:
                    return
                journal.rotate()
            with executor(workers) as pool:
                seal(self.store.path, state, pool=pool)
            with self._mutex:
                self.store.refresh()
                self._count(self.store.state)
                with disk_errors(self.store.path):
                    journal.drop(state.last)

    def close(self) -> None:
        """Let the journal go."""
        with self._mutex:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None


def _counted(store: Store, state: State, batch: Batch) -> tuple[int, int]:
    """Of the rows of a batch: how many are late, and how many are duplicates."""
    stamp, known = np.zeros(batch.rows, np.int64), np.ones(batch.rows, bool)
    for field, seen in batch.signals.items():
        stamp[seen.row] = seen.t_ms
        order = np.argsort(seen.t_ms, kind="stable")
        t_ms, value = seen.t_ms[order], seen.value[order]
        found, stored = _stored(store, state, batch.device_id, f"{batch.topic}.{field}").at(t_ms)
        again = np.concatenate([[False], t_ms[1:] == t_ms[:-1]])
        reference = np.where(again, np.concatenate([[np.nan], value[:-1]]), stored)
        same = (reference == value) | (np.isnan(reference) & np.isnan(value))
        known[seen.row[order]] &= (found | again) & same
    device = state.devices.get(batch.device_id)
    newest = None if device is None else newest_ms(device, batch.topic)
    return 0 if newest is None else int((stamp <= newest).sum()), int(known.sum())


def _stored(store: Store, state: State, device_id: str, name: str) -> OverlaidColumn:
    tail, device = state.tails.get(device_id), state.devices.get(device_id)
    if tail is not None and name in tail.columns:
        return tail.columns[name]
    signal = None if device is None else device.signals.get(name)
    base = None if signal is None else store.column(signal.file)
    return OverlaidColumn(base, np.empty(0, np.int64), np.empty(0))


def _size(batch: Batch) -> int:
    return sum(len(seen.t_ms) for seen in batch.signals.values())
