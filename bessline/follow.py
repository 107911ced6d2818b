"""Follow: the growing files of a signal folder, sent to a running server as live input.

It sends rather than writes into the store itself: the server is the one who holds the store's journal, makes rows
durable, aligns them and streams them, and it may run on another machine. What was sent is remembered only after the
server said that it is durable; what is sent again after a crash are duplicates, which the store knows as such.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson

from bessline.errors import EmptySource, SourceError, StoreError
from bessline.sender import Row, Sender, Tell, Topic
from bessline.sources import Rejects, Rows, Source
from bessline.sources.discovery import discover
from bessline.sources.growing import GrowingFile, Place
from bessline.sources.signal_file import SignalFileJob
from bessline.store.durable import write_atomically
from bessline.store.manifest_file import read_manifest

#: Bytes of one file, and of all files, that are read before they are sent.
FILE_BYTES, ROUND_BYTES = 256 << 10, 8 << 20
POLL_S, DISCOVER_S = 1.0, 5.0


class Follower:
    """Sends what is new in the signal files of `folder`.

    Parameters
    ----------
    opened: finds out what the folder holds now (`open_source`).
    send: called with a topic of a device and its rows; returns once they are durable.
    places: file in which to keep how far each file was sent.
    known: sizes of files that the store has taken in already.
    """

    def __init__(
        self,
        folder: Path,
        *,
        opened: Callable[[], Source],
        send: Callable[[Topic, Sequence[Row]], None],
        places: Path,
        tell: Tell,
        known: Mapping[Path, int] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not folder.is_dir():
            raise SourceError("there is no such folder", path=folder)
        self._folder, self._send, self._file, self._tell = folder, send, places, tell
        self._opened, self._monotonic = opened, monotonic
        self._known = known or {}
        self._places = _read_places(places)
        self._files: dict[Path, GrowingFile] = {}
        self._seen: list[tuple[Path, int]] = []
        self._troubles: dict[tuple[str, Path | None], str | None] = {}
        self._discovered_s = -DISCOVER_S
        self.timezone: str | None = None
        self.rejected = 0

    def step(self) -> int:
        """Look at every file once and send what is new; returns how many rows that were.

        Raises
        ------
        SourceError, ServerError
            the folder cannot be followed, or the server does not take it.
        """
        self._discover()
        sent = held = 0
        topics: dict[Topic, list[Rows]] = {}
        for file in list(self._files.values()):
            held += self._read(file, topics)
            if held >= ROUND_BYTES:
                sent += self._flush(topics)
                held = 0
        return sent + self._flush(topics)

    def _discover(self) -> None:
        if self._monotonic() - self._discovered_s < DISCOVER_S:
            return
        self._discovered_s = self._monotonic()
        seen = [(path, 0 if path in self._files else _size(path)) for path in discover(self._folder, (".csv",)).files]
        if seen == self._seen:
            return
        try:
            source = self._opened()
        except EmptySource:
            return
        self.timezone = source.timezone
        for job in source.jobs:
            if not isinstance(job, SignalFileJob):
                raise SourceError("only signal folders can be followed; send other sources to /ingest", path=job.file)
            if job.file not in self._files:
                self._files[job.file] = GrowingFile(job, self._place(job.file))
        for error in source.refused:
            if error.path not in self._files:
                self._tell_news("not followed", error.path, error)
        self._seen = [(path, 0 if path in self._files else size) for path, size in seen]

    def _place(self, path: Path) -> Place | None:
        saved = self._places.get(str(path.resolve()))
        if saved is not None:
            return saved
        size = self._known.get(path.resolve())
        return None if size is None else Place(size)

    def _read(self, file: GrowingFile, topics: dict[Topic, list[Rows]]) -> int:
        before, begun = file.place, file.begun_anew
        try:
            for part in file.read(FILE_BYTES):
                if isinstance(part, Rows):
                    topics.setdefault((part.signal.device_id, part.signal.topic), []).append(part)
                elif isinstance(part, Rejects):
                    self._reject(file, part)
        except SourceError as error:
            self._tell_news("not read now", file.path, error)
        else:
            self._tell_news("not read now", file.path, None)
        if file.begun_anew > begun:
            self._tell(f"{file.path}: is another file than before; read from its beginning")
        after = file.place
        return 0 if after is None or after == before else after.offset - (before.offset if before else 0)

    def _tell_news(self, what: str, path: Path | None, trouble: SourceError | None) -> None:
        """A file is looked at each second: its trouble is told when it comes, and when it is another one."""
        said = None if trouble is None else str(trouble)
        if said != self._troubles.get((what, path)):
            self._troubles[what, path] = said
            self._tell(f"read again: {path}" if said is None else f"{what}: {said}")

    def _reject(self, file: GrowingFile, part: Rejects) -> None:
        self.rejected += part.table.num_rows
        first = part.table.slice(0, 1).to_pylist()[0]
        self._tell(f"{file.path}: {part.table.num_rows} rows cannot be taken; the first, {first['text']!r}: "
                   f"{first['reason']}")  # fmt: skip

    def _flush(self, topics: dict[Topic, list[Rows]]) -> int:
        sent = 0
        for topic, parts in topics.items():
            rows = sparse_rows(parts)
            self._send(topic, rows)
            sent += len(rows)
        topics.clear()
        self._keep_places()
        return sent

    def _keep_places(self) -> None:
        now = {str(path.resolve()): file.place for path, file in self._files.items() if file.place is not None}
        if any(self._places.get(path) != place for path, place in now.items()):
            self._places |= now
            said = {path: (place.offset, place.mark) for path, place in self._places.items()}
            write_atomically(self._file, orjson.dumps(said))


def sparse_rows(parts: Sequence[Rows]) -> list[Row]:
    """Observations of several signals of one topic as rows in the order of time; NaN becomes null."""
    rows: list[tuple[int, Row]] = []
    for part in parts:
        stamps = np.datetime_as_string(part.t_ms.astype("M8[ms]"), unit="ms").tolist()
        field = part.signal.field
        for t_ms, stamp, value in zip(part.t_ms.tolist(), stamps, part.value.tolist(), strict=True):
            rows.append((t_ms, {"timestamp": stamp + "Z", field: None if value != value else value}))
    rows.sort(key=lambda row: row[0])
    return list(_joined(rows))


def _joined(rows: Sequence[tuple[int, Row]]) -> Iterator[Row]:
    """Values of different signals with the same stamp share a row; of one signal each keeps its own, in order."""
    held: Row = {}
    for _, row in rows:
        if held and held["timestamp"] == row["timestamp"] and len(held.keys() & row.keys()) == 1:
            held |= row
            continue
        if held:
            yield held
        held = row
    if held:
        yield held


def follow(
    folder: Path,
    url: str,
    *,
    places: Path | None = None,
    store: Path | None = None,
    key: str | None = None,
    tell: Tell,
    opened: Callable[[], Source],
) -> None:
    """Follow `folder` until interrupted. `opened` finds out what it holds now (`open_source`)."""
    places = places or default_places(folder, url)
    sender = Sender(url, key=key, tell=tell)
    try:
        follower = Follower(folder, send=sender.send, places=places, tell=tell, known=sizes_in(store), opened=opened)
        tell(f"following {folder}; how far each file was sent stands in {places}")
        while True:
            sender.timezone = follower.timezone
            if not follower.step():
                time.sleep(POLL_S)
    finally:
        sender.close()


def default_places(folder: Path, url: str) -> Path:
    """One file for each folder and server, in the current folder."""
    digest = hashlib.blake2b(f"{folder.resolve()} {url}".encode(), digest_size=4).hexdigest()
    return Path(f"bessline-follow-{digest}.json")


def sizes_in(store: Path | None) -> dict[Path, int]:
    """How much of which file a store has taken in; nothing where there is no store."""
    if store is None:
        return {}
    try:
        files = read_manifest(store).files
    except StoreError:
        return {}
    return {Path(name).resolve(): entry.size for name, entry in files.items()}


def _read_places(file: Path) -> dict[str, Place]:
    try:
        said = orjson.loads(file.read_bytes())
        return {str(path): Place(int(offset), str(mark)) for path, (offset, mark) in said.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise SourceError("is not a list of places; remove it to send everything anew", path=file) from None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
