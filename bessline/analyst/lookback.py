"""What the stored history of a device says of its ageing, at once: of the cells only the ends of charges are read.

Everything here reads files and blocks: call it in a process or a thread, never on an event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from bessline.analyst.walk import Walk, subject_of
from bessline.analytics.base import Event, Subject
from bessline.analytics.charges import Charge
from bessline.analytics.degradation import PACK_SIGNALS, Degradation, Standing
from bessline.errors import NotKnown
from bessline.sources.base import Float64, Int64
from bessline.store import Store
from bessline.store.align import as_of

#: Between two steps lie so many readings of the pack, or the ends of charge of so many cells.
STEP_TICKS, STEP_CELLS = 16_384, 8


class LookBack:
    """Leads `method`, which knows nothing yet, through the history of `subject`.

    `steps` does the work; it may be left alone between any two of them. Behind the last one `method` is the very method
    that is fed reading by reading, and may go on from there. `newest` is the last event that it would have told.
    """

    def __init__(self, store: Store, subject: Subject, method: Degradation, *, threads: int = 2) -> None:
        self.method, self.newest = method, list[Event]()
        self._store, self._subject, self._threads = store, subject, threads
        self._charges: list[tuple[Charge, Standing]] = []

    def steps(self) -> Iterator[None]:
        """Do it, a step at a time."""
        yield from self._see_pack()
        telling = [charge for charge, _ in self._charges if _tells(charge)]
        instants = np.concatenate([charge.window_ms for charge in telling]) if telling else np.empty(0, np.int64)
        columns: list[Float64] = []
        with ThreadPoolExecutor(self._threads) as pool:
            for some in _parts(self.method.layout.names, STEP_CELLS):
                columns += pool.map(lambda name: self._volts(name, instants), some)
                yield
        volts = np.stack(columns, axis=1) if columns else np.empty((len(instants), 0))
        self._take(iter(np.split(volts, np.cumsum([len(charge.window_ms) for charge in telling])[:-1])))

    def _see_pack(self) -> Iterator[None]:
        """Find every charge, by feeding the method the pack's signals alone."""
        pack = replace(self._subject, signals=tuple(name for name in PACK_SIGNALS if name in self._subject.signals))
        walk, after_ms = Walk(self._store, pack, most_ticks=STEP_TICKS), None
        while (window := walk.after(after_ms)) is not None:
            columns = self._columns(pack.signals, window.value)
            for t_ms, soc, amps, volts, celsius, soh in zip(window.t_ms.tolist(), *columns, strict=True):
                charge = self.method.tick(t_ms, soc=soc, amps=amps, volts=volts, celsius=celsius, soh=soh)
                if charge is not None:
                    self._charges.append((charge, self.method.standing()))
            after_ms = int(window.t_ms[-1])
            yield

    @staticmethod
    def _columns(names: Sequence[str], value: Float64) -> list[list[float]]:
        nothing = [float("nan")] * len(value)
        return [value[:, names.index(name)].tolist() if name in names else nothing for name in PACK_SIGNALS]

    def _volts(self, name: str, instants: Int64) -> Float64:
        """The voltage of a cell at given instants, as a reading would hold it."""
        if not len(instants):
            return np.empty(0)
        entry = self._store.devices[self._subject.device_id].signals[f"cells.{name}"]
        tolerance_ms = entry.tolerance_ms(self._subject.period_s)
        column = self._store.signal(self._subject.device_id, f"cells.{name}")
        t_ms, value = column.between(int(instants[0]) - tolerance_ms, int(instants[-1]))
        return as_of(instants, t_ms, value, tolerance_ms=tolerance_ms)[0]

    def _take(self, volts: Iterator[Float64]) -> None:
        """All charges in order. Only the event of the last one that says something is worked out: each is costly."""
        nothing = np.empty((0, len(self.method.layout.names)))
        last = max((n for n, (charge, _) in enumerate(self._charges) if _tells(charge)), default=-1)
        for n, (charge, standing) in enumerate(self._charges):
            told = self.method.take(charge, next(volts) if _tells(charge) else nothing)
            if told and n == last:
                self.newest = [self.method.told(standing)]


def _tells(charge: Charge) -> bool:
    return charge.reached and charge.comparable


def degradation_of(store: Store, device_id: str, *, threads: int = 2, nominal_ah: float | None = None) -> Degradation:
    """What `Degradation` knows after every stored reading of `device_id`.

    Raises
    ------
    NotKnown
        there is no such storage unit.
    """
    device = store.devices.get(device_id)
    subject = None if device is None else subject_of(device_id, device)
    if subject is None:
        raise NotKnown("device", device_id, known=store.devices)
    look = LookBack(store, subject, Degradation(subject, nominal_ah=nominal_ah), threads=threads)
    for _ in look.steps():
        pass
    return look.method


def _parts(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[first : first + size] for first in range(0, len(names), size))
