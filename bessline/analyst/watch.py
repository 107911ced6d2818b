"""A watch: the methods of one device, led through its readings, and kept with what they found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from bessline import __version__
from bessline.analyst.checkpoint import BadCheckpoint, pack, unpack
from bessline.analyst.log import Log, Saved
from bessline.analyst.walk import Walk, Window, subject_of
from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.store import Store
from bessline.store.archive import rows_kept_ms

#: Makes the methods that watch a subject.
Make = Callable[[Subject], list[Analytic]]
#: How often a walk through history is made durable, and what is known without an event, in seconds.
KEEP_S, REST_S = 2.0, 10.0
#: So many readings are not left to be seen again.
MUCH = 100
#: A method that fails so often is left out until the next start.
_PATIENCE = 3
#: Readings between two looks at the clock.
_AT_ONCE = 32
#: So long may live input be on its way before its time counts as silent, in seconds.
GRACE_S = 60.0
logger = logging.getLogger(__name__)


class Watch:
    """Of device `device_id` in `store`; what its methods find goes to `log`.

    Parameters
    ----------
    make: makes the methods; `renew` brings those that were kept up to date.

    `subject`: what is watched, None as long as there is nothing.
    `upto_ms`: every reading up to it was seen, `readings` of them since the history's beginning; None before any.
    `last_seq`: the number of the log's last event when it was kept.
    `begun_anew`: says why what was known before does not count, None where it does.
    """

    def __init__(
        self,
        device_id: str,
        *,
        store: Store,
        log: Log,
        make: Make,
        renew: Callable[[Sequence[Analytic]], None] = lambda methods: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device_id = device_id
        self.upto_ms: int | None = None
        self.readings = self.last_seq = 0
        self.begun_anew: str | None = None
        self._store, self._log, self._monotonic = store, log, monotonic
        self._make, self._renew = make, renew
        self._was: dict[str, Any] = {}
        self._methods: list[Analytic] = []
        self._names: list[str] = []
        self.subject: Subject | None = None
        self._window: Window | None = None
        self._at = 0
        self._generation, self._signals = -1, set[str]()
        self._events: list[Event] = []
        self._kept_s, self._kept_readings, self._is_kept = monotonic(), 0, True
        self._arrives = False
        self._heard_s = monotonic()
        self._failures: dict[str, int] = {}

    def look(self) -> None:
        """See what there is to watch: go on where the last process was, or begin anew where history is another one."""
        device = self._store.devices.get(self.device_id)
        generation = self._store.manifest.generation
        if device is None or (generation == self._generation and device.signals.keys() == self._signals):
            return
        subject = subject_of(self.device_id, device)
        if subject is None:
            return
        if self.subject is None:
            self._restore(subject)
        elif reason := self._changed(subject, self._was):
            self._begin_anew(subject, reason)
        self._generation, self._signals = generation, set(device.signals)
        self._was = self._watched(self.subject or subject)

    def _restore(self, subject: Subject) -> None:
        saved = self._log.saved(self.device_id)
        self._methods = self._made(subject)
        if saved is None:
            # what was read ahead may be of a history that is another one by now
            self._log.begin_anew(self.device_id)
            self.subject = subject
            return
        self.upto_ms, self.readings = saved.upto_ms, saved.readings
        self._kept_readings = self.readings
        reason = self._changed(subject, saved.watched)
        if reason is None:
            try:
                self._methods = unpack(saved.methods)
                self._renew(self._methods)
                # the period of a young device is still being found out; what was begun with goes on
                self.subject = _subject_from(saved.watched, subject)
                return
            except BadCheckpoint as error:
                reason = f"what was kept of it cannot be read ({error})"
        self._begin_anew(subject, reason)

    def _begin_anew(self, subject: Subject, reason: str) -> None:
        logger.warning("the analytics of %s begin anew: %s", self.device_id, reason)
        self._log.begin_anew(self.device_id)
        self.begun_anew = reason
        self.upto_ms, self.readings, self._events, self._failures = None, 0, [], {}
        self.subject, self._methods = subject, self._made(subject)
        self._window, self._is_kept, self._kept_readings = None, True, 0

    def fresh(self) -> list[Analytic]:
        """Methods like those that watch, which know nothing yet."""
        return [] if self.subject is None else self._make(self.subject)

    def _made(self, subject: Subject) -> list[Analytic]:
        methods = self._make(subject)
        self._names = [f"{method.name}:{type(method).__qualname__}" for method in methods]
        return methods

    def _watched(self, subject: Subject) -> dict[str, Any]:
        return {
            **asdict(subject),
            "signals": list(subject.signals),
            "methods": self._names,
            "version": __version__,
            "start_ms": self._start_ms(),
            "replaced": self._replaced(),
            "kept_from": rows_kept_ms(self._store.devices[self.device_id]),
        }

    def _changed(self, subject: Subject, before: Mapping[str, Any]) -> str | None:
        """Why what was learned so far does not hold for what is stored now."""
        now = self._watched(subject)
        # what retention dropped was seen while it was there, and what was learned of it holds
        dropped = now["kept_from"] != before.get("kept_from")
        for key, text in (
            ("version", "another version of the methods"),
            ("methods", "other methods"),
            ("signals", "it has other signals"),
            ("timezone", "its zone is another one"),
            ("start_ms", "its history begins at another time"),
            ("replaced", "rows of its history were replaced"),
        ):
            if before.get(key) != now[key] and not (dropped and key == "start_ms"):
                return text
        device = self._store.devices[self.device_id]
        ingested = self._store.manifest.generation != self._generation
        if self.upto_ms is not None and ingested and not device.live:
            stored = Walk(self._store, subject).count(self.upto_ms)
            if dropped:
                self._kept_readings, self.readings = min(stored, self._kept_readings), stored
            elif stored != self.readings:
                return f"its history up to where they are has {stored} readings now, not {self.readings}"
        return None

    def _start_ms(self) -> int | None:
        device = self._store.devices[self.device_id]
        return min((entry.start_ms for entry in device.topics.values() if entry.start_ms is not None), default=None)

    def _replaced(self) -> int:
        """How many stored rows ingests have replaced so far."""
        prefix = f"{self.device_id}/"
        files = self._store.manifest.files.values()
        return sum(file.conflicts for file in files if any(name.startswith(prefix) for name in file.signals))

    def go(self, *, budget_s: float) -> bool:
        """Go on for about so many seconds; tells whether there is more. What was found is kept on the way."""
        if self.subject is None:
            return False
        until_s = self._monotonic() + budget_s
        while self._next():
            if self._some() > until_s:
                self._arrives = True
                return True
        return False

    def _next(self) -> bool:
        """Have a window with readings that were not seen yet."""
        if self._window is None or self._at == len(self._window.t_ms):
            assert self.subject is not None
            self._window, self._at = Walk(self._store, self.subject).after(self.upto_ms), 0
        return self._window is not None

    def _some(self) -> float:
        """Some readings of the window; what time it is then."""
        assert self._window is not None
        some = slice(self._at, min(self._at + _AT_ONCE, len(self._window.t_ms)))
        for t_ms, value in zip(self._window.t_ms[some].tolist(), self._window.value[some], strict=True):
            reading = Reading(t_ms, value)
            for method in self._methods:
                self._events += self._update(method, reading)
            self.upto_ms = t_ms
        self._at, self._is_kept = some.stop, False
        self._heard_s = self._monotonic()
        self.readings += some.stop - some.start
        now_s = self._monotonic()
        if now_s - self._kept_s >= KEEP_S:
            self.keep()
        return now_s

    def wait(self) -> None:
        """Nothing has come: let the methods know how much time has passed at the device since its last reading.

        Its time goes on from there at the pace of this process's clock, so that neither a machine's wrong time nor a
        source that delivers the past makes a silence; a restart begins to wait anew.
        """
        silent_s = self._monotonic() - self._heard_s - GRACE_S
        if self.upto_ms is None or silent_s <= 0:
            return
        for method in self._methods:
            found = self._guarded(method, partial(method.passed, self.upto_ms + int(1000 * silent_s)))
            self._events += found
            self._is_kept = self._is_kept and not found

    def _update(self, method: Analytic, reading: Reading) -> Sequence[Event]:
        return self._guarded(method, partial(method.update, reading))

    def _guarded(self, method: Analytic, work: Callable[[], Sequence[Event]]) -> Sequence[Event]:
        name = type(method).__qualname__
        if self._failures.get(name, 0) >= _PATIENCE:
            return ()
        try:
            return work()
        except Exception:
            self._failures[name] = self._failures.get(name, 0) + 1
            logger.exception("%s of %s failed after %s", name, self.device_id, self.upto_ms)
            return ()

    @property
    def is_due(self) -> bool:
        """Whether what is known should be made durable now: there are events, or much is new, or it is long ago.

        The end of a long walk is kept, too: what comes then comes slowly.
        """
        much = self._arrives or self.readings - self._kept_readings >= MUCH
        return bool(self._events) or (not self._is_kept and (much or self._monotonic() - self._kept_s >= REST_S))

    def keep(self) -> None:
        """Make durable what was found, and the place behind it."""
        if self.subject is None or self.upto_ms is None or self._is_kept:
            return
        states = {method.name: dict(method.state()) for method in self._methods}
        saved = Saved(self.upto_ms, self.readings, self._was, states, pack(self._methods))
        self.last_seq = self._log.commit(self.device_id, self._events, saved)
        self._events, self._is_kept, self._kept_s, self._arrives = [], True, self._monotonic(), False
        self._kept_readings = self.readings

    def first_ms(self) -> int | None:
        """The data time of the oldest reading there is."""
        return None if self.subject is None else Walk(self._store, self.subject).first_ms()

    def last_ms(self) -> int | None:
        """The data time of the newest reading there is."""
        return None if self.subject is None else Walk(self._store, self.subject).last_ms()


def _subject_from(watched: Mapping[str, Any], subject: Subject) -> Subject:
    return Subject(subject.device_id, subject.signals, float(watched["period_s"]), subject.timezone)
