"""What new rows are: whose zone, whole or not, how long a value holds. A commit asks; sources and live input say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bessline.sources.base import SignalId, Source
from bessline.store.manifest import DeviceEntry, SignalEntry


class Rules(Protocol):
    """Asked for what the store does not know yet."""

    def timezone(self, device_id: str) -> str | None:
        """The zone of the local days of a device."""
        ...

    def whole_rows(self, device_id: str, topic: str) -> bool:
        """Whether a new topic keeps the stamps of its rows."""
        ...

    def period_s(self, device_id: str, topic: str) -> float | None:
        """The period of a new topic, None where its rows shall tell."""
        ...

    def hold_s(self, signal: SignalId, known: SignalEntry | None) -> float | None:
        """How long a value of `signal`, stored as `known`, holds; None for three of its periods."""
        ...


@dataclass(frozen=True, slots=True)
class SourceRules:
    """One source says the same of all its rows."""

    source: Source

    def timezone(self, device_id: str) -> str | None:
        return self.source.timezone

    def whole_rows(self, device_id: str, topic: str) -> bool:
        return self.source.whole_rows

    def period_s(self, device_id: str, topic: str) -> float | None:
        return None

    def hold_s(self, signal: SignalId, known: SignalEntry | None) -> float | None:
        return self.source.hold_s


@dataclass(frozen=True, slots=True)
class LiveRules:
    """Live input goes on as it was read while it was in memory: `devices` as they read then."""

    devices: Mapping[str, DeviceEntry]

    def timezone(self, device_id: str) -> str | None:
        return self.devices[device_id].timezone

    def whole_rows(self, device_id: str, topic: str) -> bool:
        return self.devices[device_id].topics[topic].whole_rows

    def period_s(self, device_id: str, topic: str) -> float | None:
        entry = self.devices[device_id].topics.get(topic)
        return None if entry is None else entry.period_s

    def hold_s(self, signal: SignalId, known: SignalEntry | None) -> float | None:
        return None if known is None else known.hold_s
