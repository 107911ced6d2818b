"""What a store holds at one moment: its files, and the live input that is not in them yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bessline.store.batch import Batch, joined
from bessline.store.manifest import DeviceEntry, Manifest
from bessline.store.tail import DeviceTail, DeviceView
from bessline.store.topic_tail import OpenColumn

Numbered = tuple[int, Batch]


@dataclass(frozen=True, slots=True)
class State:
    """It never changes: whoever holds it sees one consistent store.

    Parameters
    ----------
    manifest: the files.
    devices: what there is, rows in memory included.
    tails: the devices with rows in memory.
    last: the number of the last record of the journal whose rows are in it.
    """

    manifest: Manifest
    devices: dict[str, DeviceEntry]
    tails: dict[str, DeviceView]
    last: int

    @property
    def version(self) -> str:
        """Another one whenever anything that can be read has changed."""
        return f"{self.manifest.generation}.{self.last}"

    def version_of(self, device_id: str, end_ms: int | None = None) -> str:
        """Another one whenever anything that is read of a device before `end_ms` (None: of all) may have changed."""
        view = self.tails.get(device_id)
        # a row changes readings from its stamp on, never earlier ones
        reached = view is not None and any(
            end_ms is None or first < end_ms
            for first in (
                *(int(column.t_ms[0]) for column in view.columns.values() if len(column.t_ms)),
                *(patch.first_ms for timeline in view.timelines.values() for patch in timeline.patches),
            )
        )
        return self.version if reached else str(self.manifest.generation)


class StateBuilder:
    """Lays `batches` over the files of `manifest`, but for those that the files hold already. One thread at a time.

    `batches` are those in memory; `state` is another one after each change.
    """

    def __init__(self, manifest: Manifest, batches: Sequence[Numbered], *, open_column: OpenColumn) -> None:
        self._manifest, self._open = manifest, open_column
        self._tails: dict[str, DeviceTail] = {}
        self.batches = [(number, batch) for number, batch in batches if number > manifest.sealed]
        self._add(joined(batch for _, batch in self.batches))
        self.state = self._shown()

    def add(self, batches: Sequence[Numbered]) -> None:
        """Take more in."""
        self.batches.extend(batches)
        self._add(batch for _, batch in batches)
        self.state = self._shown()

    def _add(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            tail = self._tails.get(batch.device_id)
            if tail is None:
                tail = DeviceTail(self._manifest.devices.get(batch.device_id), self._open)
                self._tails[batch.device_id] = tail
            tail.add(batch)

    def _shown(self) -> State:
        tails = {device_id: tail.view for device_id, tail in self._tails.items()}
        devices = self._manifest.devices | {device_id: view.entry for device_id, view in tails.items()}
        last = self.batches[-1][0] if self.batches else self._manifest.sealed
        return State(self._manifest, devices, tails, last)
