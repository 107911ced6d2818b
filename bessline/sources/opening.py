"""Opening a source: which format a folder or a file is, told from its description or from what it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bessline.errors import DescriptionError, SourceError
from bessline.sources.base import Source
from bessline.sources.csv_blocks import unreadable
from bessline.sources.description import (
    EntityTableDescription,
    WideTableDescription,
    find_description,
    load_description,
)
from bessline.sources.discovery import discover, is_store
from bessline.sources.entity_table import open_entity_table
from bessline.sources.local_time import check_zone
from bessline.sources.nem12 import open_nem12
from bessline.sources.nem12_records import is_nem12
from bessline.sources.signal_folder import open_signal_folder
from bessline.sources.wide_table import open_wide_table

#: So many files of a folder are looked into to tell what it holds.
_SNIFFED = 16


def open_source(path: Path, *, timezone: str | None = None, describe: Path | None = None, prefix: str = "") -> Source:
    """Discover what `path`, a folder or a file, holds. Only the first lines of its files are read.

    Parameters
    ----------
    path: a signal folder, a wide table, or a folder of wide tables.
    timezone: IANA zone of naive stamps and of local days; beats the description's.
    describe: the description; by default the ``bessline.yaml`` in the folder (or beside the file).
    prefix: put before each device id; beats the description's.

    Raises
    ------
    SourceError
        EmptySource, ZoneMissing, DescriptionError, or that the path cannot be read at all.
    """
    if timezone is not None:
        check_zone(timezone)
    path = path.absolute()  # a store knows its files by name: the same one from whatever folder it is ingested
    try:
        path.stat()
    except FileNotFoundError as error:
        raise SourceError("there is no such file or folder", path=path) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if is_store(path):
        raise SourceError("is a store of bessline, not a source; serve it with --store", path=path)
    told = {"path": path, "timezone": timezone, "describe": describe and describe.absolute(), "prefix": prefix}
    source = _opened(path, timezone=timezone, describe=describe, prefix=prefix)
    return replace(source, opened={name: str(value) for name, value in told.items() if value})


def _opened(path: Path, *, timezone: str | None, describe: Path | None, prefix: str) -> Source:
    described = describe or find_description(path)
    description = None if described is None else load_description(described)
    if isinstance(description, WideTableDescription):
        return open_wide_table(path, description, timezone=timezone, prefix=prefix)
    if isinstance(description, EntityTableDescription):
        return open_entity_table(path, description, timezone=timezone, prefix=prefix)
    if description is None and _holds_nem12(path):
        return open_nem12(path, timezone=timezone, prefix=prefix)
    if path.is_file():
        raise DescriptionError(_lone_file(path, described), path=path)
    return open_signal_folder(path, description, timezone=timezone, prefix=prefix, described=described)


def _holds_nem12(path: Path) -> bool:
    files = discover(path, (".csv",)).files[:_SNIFFED] if path.is_dir() else [path]
    return any(map(is_nem12, files))


def _lone_file(path: Path, described: Path | None) -> str:
    if path.suffix.lower() in (".yaml", ".yml"):
        return "is a description, not data; name the data, and give this one with --describe"
    if described is not None:
        return f"is one file, but {described} describes a signal folder; name the folder, or describe a wide table"
    return (
        "is one file and nothing says what its columns are; give --describe FILE (examples/m5bat.yaml is one), "
        "or name the folder of signal files that it lies in"
    )
