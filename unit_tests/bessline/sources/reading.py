"""Short ways to look at what a source gives."""

from __future__ import annotations

import math

import numpy as np

from bessline.sources import Job, Note, Rejects, Rows, Source

Observation = tuple[str, float | None]


def stamp(t_ms: int) -> str:
    """``2024-05-01T00:00:07`` for int milliseconds."""
    return str(np.datetime64(int(t_ms), "ms")).removesuffix(".000")


def rows(job: Job) -> dict[str, list[Observation]]:
    """Every observation by ``device/topic.field``; a missing marker is None."""
    found: dict[str, list[Observation]] = {}
    for part in job.read():
        if isinstance(part, Rows):
            pairs = zip(part.t_ms.tolist(), part.value.tolist(), strict=True)
            found.setdefault(str(part.signal), []).extend((stamp(t), None if math.isnan(v) else v) for t, v in pairs)
    return found


def only_rows(source: Source) -> list[Observation]:
    """The observations of a source of one signal."""
    (job,) = source.jobs
    (found,) = rows(job).values()
    return found


def rejects(job: Job) -> list[tuple[int, str, str]]:
    """Line, reason and text of every rejected row."""
    tables = [part.table for part in job.read() if isinstance(part, Rejects)]
    return [(row["line"], row["reason"], row["text"]) for table in tables for row in table.to_pylist()]


def notes(job: Job) -> list[Note]:
    """What the job decided."""
    return [part for part in job.read() if isinstance(part, Note)]
