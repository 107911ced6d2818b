"""Sources made of arrays: what a test needs of a plant, without a file format between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bessline.errors import SourceError
from bessline.sources.base import Float64, Int64, Job, Part, Rows, SignalId, Source

#: 2024-05-01T00:00:00Z, a multiple of every period used in tests.
MAY_1 = 1_714_521_600_000


@dataclass(frozen=True, slots=True)
class ArrayJob(Job):
    """A job whose parts are given; `file` only lends its name, size and time."""

    file: Path
    signals: tuple[SignalId, ...]
    parts: tuple[Part, ...]
    failure: str = ""
    reading: str = "arrays"

    def read(self) -> Iterator[Part]:
        yield from self.parts
        if self.failure:
            raise SourceError(self.failure, path=self.file, line=1)


def signal_job(
    folder: Path, name: str, t_s: Sequence[float] | Int64 | Float64, value: Sequence[float] | Float64
) -> ArrayJob:
    """A job of one signal named ``device/topic.field``; stamps in seconds after MAY_1."""
    device, _, rest = name.partition("/")
    topic, _, field = rest.partition(".")
    signal = SignalId(device, topic, field)
    file = folder / device / f"{topic}.{field}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    t_ms = MAY_1 + np.round(np.asarray(t_s, np.float64) * 1000).astype(np.int64)
    rows = Rows(signal, t_ms, np.asarray(value, np.float64))
    file.write_bytes(rows.t_ms.tobytes() + rows.value.tobytes())
    return ArrayJob(file, (signal,), (rows,))


def source_of(folder: Path, *jobs: Job, whole_rows: bool = False, timezone: str | None = None) -> Source:
    """A source of `jobs`."""
    return Source(folder, "arrays", timezone, whole_rows=whole_rows, jobs=jobs)
