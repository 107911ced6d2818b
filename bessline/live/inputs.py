"""All devices with live input: who they are, what came in, and who is silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bessline.live.feed import Run
from bessline.live.hub import Channel, Hub
from bessline.live.intake import DeviceInput, InputFeed, last_before
from bessline.managers import Managers
from bessline.signals import BESS_TOPICS
from bessline.store.archive import newest_ms
from bessline.store.inlet import Taken
from bessline.store.state import State


@dataclass(frozen=True, slots=True)
class InputFigures:
    """`stale` devices had no input for longer than any of their topics tolerates; `age_s` is the longest silence."""

    devices: int
    stale: tuple[str, ...]
    age_s: float


class Inputs:
    """Publishes what came in, and nothing that was streamed already.

    Parameters
    ----------
    run: runs blocking work in a thread.
    """

    def __init__(self, managers: Managers, hub: Hub, *, run: Run, monotonic: Callable[[], float]) -> None:
        self.devices: dict[str, DeviceInput] = {}
        self._managers, self._hub, self._run = managers, hub, run
        self._monotonic = monotonic

    def is_live(self, device_id: str) -> bool:
        """Whether a device has live input, so that its history is not replayed."""
        device = self._managers.store.devices.get(device_id)
        return device is not None and device.live

    def knows(self, device_id: str) -> bool:
        """Whether its channels are driven by its input already."""
        return device_id in self.devices

    def lacks(self, taken: Sequence[Taken]) -> bool:
        """Whether a device or a topic among these is new here."""
        return any(self._missing(each.batch.device_id) for each in taken)

    def _missing(self, device_id: str) -> list[str]:
        device, entry = self.devices.get(device_id), self._managers.store.devices[device_id]
        holding = [topic for topic, known in entry.topics.items() if known.rows]
        return [topic for topic in holding if device is None or (device_id, topic) not in device.parts]

    async def renew(self, before: Mapping[str, State] | None = None) -> None:
        """Let in the devices and topics that are new: those in `before`, or all.

        Their readings count as sent up to the newest observation in the state before their first rows, or up to now.
        """
        store = self._managers.store
        for device_id in [name for name, device in store.devices.items() if device.live]:
            if before is not None and device_id not in before:
                continue
            state = store.state if before is None else before[device_id]
            for topic in self._missing(device_id):
                feed = await self._run(partial(self._feed, device_id, topic, state))
                if device_id not in self.devices:
                    self.devices[device_id] = DeviceInput(device_id, [feed], hub=self._hub, store_id=store.id)
                else:
                    self.devices[device_id].add(feed)

    def _feed(self, device_id: str, topic: str, state: State) -> InputFeed:
        manager = self._managers[topic]
        known = state.devices.get(device_id)
        observed_ms = None if known is None else newest_ms(known, topic)
        newest = last_before(manager, device_id, observed_ms)
        return InputFeed(manager, device_id, newest=newest, now_s=self._monotonic())

    async def publish(self, taken: Sequence[Taken]) -> None:
        """Send what is new since the last time."""
        now_s = self._monotonic()
        touched = {(each.batch.device_id, topic): None for each in taken for topic in _touched(each.batch.topic)}
        for device_id, topic in touched:
            device = self.devices.get(device_id)
            if device is not None and (device_id, topic) in device.parts:
                device.heard(topic, now_s)
                await self.go_on(device, topic)

    async def go_on(self, device: DeviceInput, topic: str) -> None:
        """Send all that this topic has beyond its place."""
        feed, _ = device.parts[device.device_id, topic]
        while due := await self._run(feed.read):
            device.publish(topic, due)

    async def catch_up(self) -> None:
        """Send what an ingest brought for devices with live input."""
        for device in self.devices.values():
            for _, topic in list(device.parts):
                await self.go_on(device, topic)

    def watch(self) -> None:
        """Tell of silence."""
        now_s = self._monotonic()
        for device in self.devices.values():
            device.watch(now_s)

    def find(self, device_id: str, topic: str) -> tuple[InputFeed, Channel] | None:
        """A topic of a device with live input."""
        device = self.devices.get(device_id)
        return None if device is None else device.parts.get((device_id, topic))

    def figures(self) -> InputFigures:
        """What the health of the server depends on."""
        now_s, devices = self._monotonic(), self.devices.values()
        stale = tuple(sorted(device.device_id for device in devices if device.is_stale(now_s)))
        return InputFigures(len(devices), stale, max((device.age_s(now_s) for device in devices), default=0.0))


def _touched(topic: str) -> tuple[str, ...]:
    return (topic, "bess") if topic in BESS_TOPICS else (topic,)
