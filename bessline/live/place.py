"""The places of the clocks on disk, reserved ahead: after a crash a clock goes on at or after anything it sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import orjson

from bessline.live.clock import Place
from bessline.store.durable import write_atomically

FILE = "live.json"
logger = logging.getLogger(__name__)


class Places:
    """Where each clock of a store may have got to.

    Parameters
    ----------
    file: where to keep them; ``None`` (a read-only store) keeps them in memory.
    store_id: places of another store in that file are ignored.

    `reserve` and `covers` are for the event loop; `save` forces to disk: call it in a thread.
    """

    def __init__(self, file: Path | None, *, store_id: str) -> None:
        self._file, self._store_id = file, store_id
        self._wanted: dict[str, Place] = {}
        self._durable: dict[str, Place] = {}
        self._lock = threading.Lock()
        self._failing = False

    @classmethod
    def load(cls, file: Path | None, *, store_id: str) -> Places:
        """Read what is there; a file that cannot be read counts as none, and a log line says so."""
        places = cls(file, store_id=store_id)
        if file is not None:
            places._durable = _read(file, store_id)
            places._wanted = dict(places._durable)
        return places

    def saved(self, clock: str) -> Place | None:
        """The place last reserved for a clock."""
        return self._wanted.get(clock)

    def covers(self, clock: str, place: Place) -> bool:
        """Whether a clock may send up to `place`: that much is reserved on disk, or the disk cannot be had."""
        if self._file is None or self._failing:
            return True
        durable = self._durable.get(clock)
        return durable is not None and durable.lap == place.lap and durable.t_ms >= place.t_ms

    def reserve(self, clock: str, place: Place) -> None:
        """Ask for `place`; it holds after the next `save`."""
        self._wanted[clock] = place

    def save(self) -> None:
        """Force what was asked for to disk. A disk that refuses is logged once; the clocks go on without it."""
        if self._file is None:
            return
        with self._lock:
            wanted = dict(self._wanted)
            try:
                write_atomically(self._file, _encode(wanted, self._store_id))
            except OSError as error:
                if not self._failing:
                    logger.warning("%s: the live clock's place cannot be kept (%s)", self._file, error.strerror)
                self._failing = True
                return
            self._durable, self._failing = wanted, False


def _encode(places: Mapping[str, Place], store_id: str) -> bytes:
    clocks = {clock: {"lap": place.lap, "t_ms": place.t_ms} for clock, place in places.items()}
    return orjson.dumps({"store": store_id, "clocks": clocks})


def _read(file: Path, store_id: str) -> dict[str, Place]:
    try:
        body = orjson.loads(file.read_bytes())
        if body["store"] != store_id:
            return {}
        return {name: Place(int(at["lap"]), int(at["t_ms"])) for name, at in body["clocks"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("%s: not a list of places (%s); the live clock starts anew", file, type(error).__name__)
        return {}
