"""The analyst: watches all devices of a store, each in its turn, and reports. What runs in a process of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection

from bessline.analyst.ahead import Ahead
from bessline.analyst.database import Database
from bessline.analyst.log import Log
from bessline.analyst.reports import Order, Remark, Report, Standing
from bessline.analyst.watch import Make, Watch
from bessline.analytics.base import Analytic
from bessline.analytics.methods import go_by, methods_of
from bessline.errors import BesslineError
from bessline.store import Store
from bessline.store.workers import begin_worker

#: One device's turn while others wait, how long to rest when all is seen, and how often to report, in seconds.
TURN_S, REST_S, REPORT_S = 0.1, 1.0, 1.0
logger = logging.getLogger(__name__)


class Analyst:
    """Watches the devices of `store`.

    Parameters
    ----------
    make: makes the methods of a subject; `renew` brings those that were kept up to date.
    tell: hears where it stands. called: whether live input waits to be seen.
    """

    def __init__(
        self,
        store: Store,
        log: Log,
        *,
        make: Make,
        renew: Callable[[Sequence[Analytic]], None] = lambda methods: None,
        tell: Callable[[Report], None],
        called: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._log = store, log
        self._make, self._renew = make, renew
        self._tell, self._called, self._monotonic = tell, called, monotonic
        self._watches: dict[str, Watch] = {}
        self._ahead = Ahead(store, log, monotonic=monotonic)
        self._reported_s = 0.0
        self._look()

    def _look(self) -> None:
        for device_id in sorted(self._store.devices):
            if device_id not in self._watches:
                self._watches[device_id] = Watch(
                    device_id,
                    store=self._store,
                    log=self._log,
                    make=self._make,
                    renew=self._renew,
                    monotonic=self._monotonic,
                )
        for watch in self._watches.values():
            watch.look()
        self._ahead.look(self._watches.values())

    def turn(self) -> bool:
        """Let the devices have their turn, first those with live input; tells whether there is more to see.

        The others wait while something is read ahead: that takes seconds, and their walks minutes. Where live input
        calls, the turn ends after the next of them, and that one comes last in the next turn.
        """
        if self._store.follow():
            self._look()
        live = {name for name, device in self._store.devices.items() if device.live}
        more, found = self._see(sorted(live & self._watches.keys()), are_live=True)
        if found:
            self.report()
        if self._ahead.go(budget_s=TURN_S):
            more, found = True, False
        else:
            goes_on, found = self._see([name for name in self._watches if name not in live], are_live=False)
            more = more or goes_on
        if found or not more or self._monotonic() - self._reported_s >= REPORT_S:
            self.report()
        return more

    def _see(self, names: Sequence[str], *, are_live: bool) -> tuple[bool, bool]:
        """Some devices: whether there is more to see of them, and whether something was kept."""
        more = kept = False
        for name in names:
            # whoever had a turn comes last in the next
            watch = self._watches[name] = self._watches.pop(name)
            if watch.go(budget_s=TURN_S):
                more = True
                if not are_live and self._called():
                    break
                continue
            if are_live:
                watch.wait()
            if watch.is_due:
                watch.keep()
                kept = True
        return more, kept

    def report(self) -> None:
        """Say where everything stands."""
        self._reported_s = self._monotonic()
        standings = {
            device_id: Standing(watch.upto_ms, watch.last_ms(), watch.readings, watch.begun_anew, watch.first_ms())
            for device_id, watch in self._watches.items()
        }
        last_seq = max((watch.last_seq for watch in self._watches.values()), default=0)
        self._tell(Report(standings, max(last_seq, self._ahead.last_seq)))


class Remarks(logging.Handler):
    """Sends what is logged to whoever started the process."""

    def __init__(self, out: Connection) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self._out.send(Remark(record.levelno, self.format(record)))


def run(order: Order, wakes: Connection, out: Connection) -> None:
    """The process: until it is ended. `wakes` says that something came in; `out` gets reports and remarks."""
    begin_worker()
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[Remarks(out)], force=True)
    store = Store.open(order.store)
    log = Log(Database(order.file, store_id=store.id), kept=order.kept)
    make, renew = partial(methods_of, options=order.options), partial(go_by, options=order.options)
    analyst = Analyst(store, log, make=make, renew=renew, tell=out.send, called=wakes.poll)
    wait_s: float
    while True:
        try:
            more = analyst.turn()
        except BesslineError as error:
            # an ingest may replace files under us; the next look finds the new ones
            logger.warning("the analytics cannot go on for now: %s", error)
            more = False
        wait_s = 0 if more else REST_S
        while wakes.poll(wait_s):
            wakes.recv_bytes()
            wait_s = 0
