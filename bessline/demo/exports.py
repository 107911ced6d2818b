"""The raw exports: sampling, rounding, and one CSV a signal, a day at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from bessline.demo.cadence import Logger, kept, network_holes
from bessline.demo.channels import Channel
from bessline.demo.faults import Fault
from bessline.demo.plant import DAY_S, START, STEP_S, random_for
from bessline.sources.base import Float64, Int64

#: A day's simulated signals by name: constant within a step where there are as many as steps, else at the edges.
Signals = Mapping[str, npt.NDArray[np.floating[Any]]]

_START = np.datetime64(START.replace(tzinfo=None), "s")


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


def table_of(t_s: Int64, value: Float64, *, channel: Channel) -> pl.DataFrame:
    """Rows as they are written: naive local stamps and the value to the channel's decimals, never ``-0``."""
    stamps = (_START + t_s.astype("timedelta64[s]")).astype("datetime64[ms]")
    shown = np.round(value, channel.decimals) + 0.0
    return pl.DataFrame({"ts": stamps, channel.stem: shown.astype(np.int64) if channel.decimals == 0 else shown})


class Folder:
    """The exports of one device: a folder with a file for each of its channels.

    Parameters
    ----------
    path: the folder, made if it is not there. device_id: for the faults and the random numbers.
    """

    def __init__(
        self, path: Path, *, device_id: str, channels: Sequence[Channel], seed: int, faults: Sequence[Fault]
    ) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.device_id, self.channels, self.seed, self.faults = path, device_id, channels, seed, faults
        self._loggers = [Logger(self._rng("logger", c.stem), step_s=c.step_s) for c in channels]

    def write_day(self, signals: Signals, *, day: int) -> None:
        """Append local day number `day` to every file."""
        holes = network_holes(self._rng("holes", day), day=day)
        for channel, logger in zip(self.channels, self._loggers, strict=True):
            rng = self._rng(channel.stem, day)
            table = self._rows(signals, channel=channel, t_s=logger.stamps(rng, day=day), holes=holes, rng=rng)
            with (self.path / f"{channel.stem}.csv").open("ab") as out:
                table.write_csv(
                    out,
                    include_header=day == 0,
                    datetime_format="%Y-%m-%d %H:%M:%S",
                    float_precision=channel.decimals,
                )

    def _rows(
        self,
        signals: Signals,
        *,
        channel: Channel,
        t_s: Int64,
        holes: tuple[tuple[int, int], ...],
        rng: np.random.Generator,
    ) -> pl.DataFrame:
        hidden = (*holes, *(span for fault in self.faults for span in fault.hidden(self.device_id, stem=channel.stem)))
        t_s = t_s[kept(t_s, hidden=hidden, rng=rng)]
        value = sample(signals[channel.name], t_s % DAY_S, steps=DAY_S // STEP_S)
        if channel.noise:
            value = value + channel.noise * rng.standard_normal(len(t_s))
        for fault in self.faults:
            value = fault.observe(value, device_id=self.device_id, stem=channel.stem, t_s=t_s)
        return table_of(t_s, value, channel=channel)

    def _rng(self, *parts: str | int) -> np.random.Generator:
        return random_for(self.seed, self.device_id, *parts)
