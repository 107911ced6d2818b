"""What is known of ageing before the walk through a long history gets there: read ahead, a little at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator

from bessline.analyst.log import Log
from bessline.analyst.lookback import LookBack
from bessline.analyst.watch import Watch
from bessline.analytics.degradation import Degradation
from bessline.store import Store

#: A walk that is nearer to the newest reading than this (ms of data time) is soon there by itself.
FAR_MS = 10 * 86_400_000
_NEEDED = "bms.current"
logger = logging.getLogger(__name__)


class Ahead:
    """Looks back over the histories of storage units whose walks have far to go, one after the other.

    What it finds is what the walk will find, too, and is kept once. `last_seq`: the number of the log's last event when
    something was kept.
    """

    def __init__(self, store: Store, log: Log, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._log, self._monotonic = store, log, monotonic
        self._waiting: dict[str, Watch] = {}
        self._running: Iterator[None] | None = None
        self.last_seq = 0
        self._looked_at = -1

    def look(self, watches: Iterable[Watch]) -> None:
        """See which of them have far to go, and were not read ahead of yet. Live input makes no history so long."""
        if self._store.manifest.generation == self._looked_at:
            return
        self._looked_at = self._store.manifest.generation
        self._waiting = {watch.device_id: watch for watch in watches if self._has_far_to_go(watch)}

    def _has_far_to_go(self, watch: Watch) -> bool:
        last_ms = watch.last_ms()
        if watch.subject is None or last_ms is None or _NEEDED not in watch.subject.signals:
            return False
        known = self._log.ahead(watch.device_id)
        seen_ms = max(watch.upto_ms or 0, 0 if known is None else known.upto_ms)
        return last_ms - seen_ms > FAR_MS

    def go(self, *, budget_s: float) -> bool:
        """Go on for about so many seconds; tells whether there is more."""
        until_s = self._monotonic() + budget_s
        while self._running is not None or self._waiting:
            if self._running is None:
                self._running = self._look_back(self._waiting.popitem()[1])
            if not self._step(self._running):
                self._running = None
            if self._monotonic() > until_s:
                return True
        return False

    def _step(self, running: Iterator[None]) -> bool:
        """Tells whether there is more of it."""
        try:
            next(running)
        except StopIteration:
            return False
        except Exception:
            # the walk finds the same; a failure here must not keep it from going on
            logger.exception("the ageing cannot be read ahead")
            return False
        return True

    def _look_back(self, watch: Watch) -> Iterator[None]:
        method = next((each for each in watch.fresh() if isinstance(each, Degradation)), None)
        if method is None or watch.subject is None:
            return
        began_s = self._monotonic()
        look = LookBack(self._store, watch.subject, method)
        yield from look.steps()
        state = {method.name: method.state()}
        self.last_seq = self._log.keep_ahead(watch.device_id, look.newest, upto_ms=method.standing().t_ms, states=state)
        logger.info("the ageing of %s was read ahead in %.1f s", watch.device_id, self._monotonic() - began_s)
