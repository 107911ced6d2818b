"""Exports: readings of one topic of one device as a file, without a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import BadParameter, CannotWrite, NotKnown
from bessline.formats import EXPORTS, FORMATS, encoded
from bessline.managers import Managers
from bessline.times import parse_time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export; times and fields as a client of the server writes them, None is all.

    `format` None is what the name of the file ends with.
    """

    device_id: str
    topic: str
    format: str | None = None
    start: str | None = None
    end: str | None = None
    fields: str | None = None
    ages: bool = False


def export(managers: Managers, wanted: Wanted, out: Path) -> int:
    """Write what `wanted` says to `out`, which appears whole or not at all; returns the number of bytes.

    Raises
    ------
    NotKnown, BadParameter, StoreError
    CannotWrite
        `out` cannot be written.
    """
    blocks = _blocks(managers, wanted, out)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            for block in blocks:
                file.write(block)
            size = file.tell()
        temporary.replace(out)
    except OSError as error:
        raise CannotWrite(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return size


def _blocks(managers: Managers, wanted: Wanted, out: Path) -> Iterator[bytes]:
    """Checks all that can be checked before anything is written."""
    if wanted.topic not in managers:
        raise NotKnown("topic", wanted.topic, known=list(managers))
    manager = managers[wanted.topic]
    manager.timeline(wanted.device_id)
    name = wanted.format or out.suffix.removeprefix(".")
    if name not in EXPORTS:
        raise BadParameter("format", f"no format {name!r}; write --format with one of {', '.join(EXPORTS)}")
    fields = manager.fields if wanted.fields is None else tuple(part.strip() for part in wanted.fields.split(","))
    for field in fields:
        if field not in manager.fields:
            raise NotKnown(f"{wanted.topic} field", field, known=manager.fields)
    fields = tuple(field for field in manager.fields if field in fields)
    start_ms = None if wanted.start is None else parse_time("start", wanted.start)
    end_ms = None if wanted.end is None else parse_time("end", wanted.end)
    if start_ms is not None and end_ms is not None and end_ms < start_ms:
        raise BadParameter("end", "end is before start; the range is [start, end), so end must not be earlier")
    parts = manager.sweep(wanted.device_id, start_ms=start_ms, end_ms=end_ms, fields=fields, ages=wanted.ages)
    return encoded(FORMATS[name], parts, topic=wanted.topic, fields=fields, ages=wanted.ages)
