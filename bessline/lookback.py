"""What the stored history of a device says, at once: the pack is walked, and of the cells only what matters is read.

Everything here reads files and blocks: call it in a process or a thread, never on an event loop.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.charges import Charge
from bessline.analytics.degradation import PACK_SIGNALS, Degradation
from bessline.managers import Managers
from bessline.sources.base import Float64, Int64
from bessline.store import Store
from bessline.store.align import as_of
from bessline.store.manifest import DeviceEntry

_TIMELINE = "bess"
_CHUNK = 50_000


def degradation_of(store: Store, device_id: str, *, threads: int = 2, nominal_ah: float | None = None) -> Degradation:
    """What `Degradation` knows after every stored reading of `device_id`, ends of charge apart without its cells.

    It is the very method that is fed live, so it may go on from here.

    Raises
    ------
    NotKnown
        there is no such storage unit.
    """
    period_s = Managers(store)[_TIMELINE].timeline(device_id).period_s
    device = store.devices[device_id]
    method = Degradation(Subject(device_id, tuple(device.signals), period_s, device.timezone), nominal_ah=nominal_ah)
    charges = _charges(store, device_id, method)
    cells = _Cells(store, device, device_id, names=method.layout.names, period_s=period_s)
    telling = [charge for charge in charges if charge.reached and charge.comparable]
    volts = iter(cells.at([charge.window_ms for charge in telling], threads=threads))
    nothing = np.empty((0, len(method.layout.names)))
    for charge in charges:
        method.take(charge, next(volts) if charge.reached and charge.comparable else nothing)
    return method


def _charges(store: Store, device_id: str, method: Degradation) -> list[Charge]:
    """Every charge, found by feeding `method` the pack's signals alone."""
    manager = Managers(store)[_TIMELINE]
    fields = [name.replace(".", "_", 1) for name in PACK_SIGNALS]
    found = []
    for readings in manager.walk(device_id, fields=fields, chunk=_CHUNK):
        columns = (readings.columns[name].tolist() for name in fields)
        for t_ms, soc, amps, volts, celsius, soh in zip(readings.t_ms.tolist(), *columns, strict=True):
            charge = method.tick(t_ms, soc=soc, amps=amps, volts=volts, celsius=celsius, soh=soh)
            if charge is not None:
                found.append(charge)
    return found


class _Cells:
    """Reads the voltages of the cells `names` at given instants, as a reading would hold them."""

    def __init__(
        self, store: Store, device: DeviceEntry, device_id: str, *, names: tuple[str, ...], period_s: float
    ) -> None:
        self._columns = [
            (store.signal(device_id, f"cells.{name}"), device.signals[f"cells.{name}"].tolerance_ms(period_s))
            for name in names
        ]

    def at(self, windows: list[Int64], *, threads: int) -> list[Float64]:
        """float64[ticks, cells] of each window. Decoding runs in `threads` threads, a cell at a time."""
        if not windows or not self._columns:
            return [np.empty((len(window), len(self._columns))) for window in windows]
        instants = np.concatenate(windows)
        with ThreadPoolExecutor(threads) as pool:
            columns = list(pool.map(lambda n: self._column(n, instants), range(len(self._columns))))
        return np.split(np.stack(columns, axis=1), np.cumsum([len(window) for window in windows])[:-1])

    def _column(self, number: int, instants: Int64) -> Float64:
        column, tolerance_ms = self._columns[number]
        t_ms, value = column.between(int(instants[0]) - tolerance_ms, int(instants[-1]))
        return as_of(instants, t_ms, value, tolerance_ms=tolerance_ms)[0]
