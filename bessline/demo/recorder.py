"""What the loggers of a device write down of a simulated day: sampled, disturbed, rounded, with their holes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bessline.demo.cadence import Logger, kept, network_holes
from bessline.demo.channels import Channel
from bessline.demo.faults import Fault
from bessline.demo.plant import DAY_S, STEP_S, random_for
from bessline.sources.base import Float64, Int64

#: A day's simulated signals by name: constant within a step where there are as many as steps, else at the edges.
Signals = Mapping[str, npt.NDArray[np.floating[Any]]]


class Rows(NamedTuple):
    """Rows of one signal: `t_s` int64[n], whole seconds from the plant's start, rising; `value` float64[n], rounded."""

    t_s: Int64
    value: Float64


def sample(values: npt.NDArray[np.floating[Any]], t_s: Int64, *, steps: int) -> Float64:
    """A signal at `t_s` (seconds into the day): the value of the step, or between the edges of it.

    >>> sample(np.array([1.0, 2.0]), np.array([5, 15]), steps=2).tolist()
    [1.0, 2.0]
    >>> sample(np.array([0.0, 1.0, 2.0]), np.array([5, 15]), steps=2).tolist()
    [0.5, 1.5]
    """
    place = t_s // STEP_S
    here = values[place].astype(np.float64)
    if len(values) == steps:
        return here
    return here + (values[place + 1] - here) * (t_s % STEP_S) / STEP_S


class Recorder:
    """The loggers of one device, a channel each. They go on from day to day.

    Parameters
    ----------
    device_id: for the faults and the random numbers.
    """

    def __init__(self, device_id: str, *, channels: Sequence[Channel], seed: int, faults: Sequence[Fault]) -> None:
        self.device_id, self.channels, self.seed, self.faults = device_id, channels, seed, faults
        self._loggers = [Logger(self._rng("logger", c.stem), step_s=c.step_s) for c in channels]

    def record(self, signals: Signals, *, day: int) -> Iterator[tuple[Channel, Rows]]:
        """Each channel with its rows of local day number `day`; days come in order."""
        holes = network_holes(self._rng("holes", day), day=day)
        for channel, logger in zip(self.channels, self._loggers, strict=True):
            rng = self._rng(channel.stem, day)
            due = logger.stamps(rng, day=day)
            t_s = due[kept(due, hidden=(*holes, *self._hidden(channel)), rng=rng)]
            yield channel, Rows(t_s, self._values(signals, channel=channel, t_s=t_s, rng=rng))

    def _hidden(self, channel: Channel) -> tuple[tuple[int, int], ...]:
        return tuple(span for fault in self.faults for span in fault.hidden(self.device_id, stem=channel.stem))

    def _values(self, signals: Signals, *, channel: Channel, t_s: Int64, rng: np.random.Generator) -> Float64:
        value = sample(signals[channel.name], t_s % DAY_S, steps=DAY_S // STEP_S)
        if channel.noise:
            value = value + channel.noise * rng.standard_normal(len(t_s))
        for fault in self.faults:
            value = fault.observe(value, device_id=self.device_id, stem=channel.stem, t_s=t_s)
        # Never -0: an idle current reads 0.0.
        return np.round(value, channel.decimals) + 0.0

    def _rng(self, *parts: str | int) -> np.random.Generator:
        return random_for(self.seed, self.device_id, *parts)
