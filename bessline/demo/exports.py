"""The raw exports: one CSV a signal, a day at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bessline.demo.channels import Channel
from bessline.demo.faults import Fault
from bessline.demo.plant import START
from bessline.demo.recorder import Recorder, Rows, Signals

_START = np.datetime64(START.replace(tzinfo=None), "s")


def table_of(rows: Rows, *, channel: Channel) -> pl.DataFrame:
    """Rows as they are written: naive local stamps and the value, whole where the channel has no decimals."""
    stamps = (_START + rows.t_s.astype("timedelta64[s]")).astype("datetime64[ms]")
    return pl.DataFrame(
        {"ts": stamps, channel.stem: rows.value.astype(np.int64) if channel.decimals == 0 else rows.value}
    )


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
        self.path = path
        self._recorder = Recorder(device_id, channels=channels, seed=seed, faults=faults)

    def write_day(self, signals: Signals, *, day: int) -> None:
        """Append local day number `day` to every file."""
        for channel, rows in self._recorder.record(signals, day=day):
            with (self.path / f"{channel.stem}.csv").open("ab") as out:
                table_of(rows, channel=channel).write_csv(
                    out,
                    include_header=day == 0,
                    datetime_format="%Y-%m-%d %H:%M:%S",
                    float_precision=channel.decimals,
                )
