"""Which files of a folder are data, which are not ours, and which cannot be taken."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bessline.errors import DescriptionError, SourceError, ZoneMissing
from bessline.sources.csv_blocks import unreadable

T = TypeVar("T")
STORE_MARK = "manifest.json"
_OWN_SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True)
class Found:
    """Files by suffix, each list sorted by path."""

    files: list[Path] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    refused: list[SourceError] = field(default_factory=list)


def kinds_of(paths: Iterable[Path]) -> str:
    """What files there are, as a person reads it.

    >>> kinds_of(map(Path, ["a.txt", "b.csv.gz", "c.txt"]))
    '1 .gz, 2 .txt'
    """
    found = Counter(path.suffix or path.name for path in paths)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))


def opened(found: Found, path: Path, open_one: Callable[[Path], T]) -> list[T]:
    """What `open_one` makes of each file found below `path`; those that it refuses join `found.refused`.

    Raises
    ------
    SourceError
        of the one file that `path` itself is; and where all files would meet the same: ZoneMissing, DescriptionError.
    """
    made: list[T] = []
    for file in found.files:
        try:
            made.append(open_one(file))
        except (ZoneMissing, DescriptionError):
            raise
        except SourceError as error:
            if file == path:
                raise
            found.refused.append(error)
    return made


def is_store(folder: Path) -> bool:
    """Whether `folder` is a store of ours, not a source."""
    return (folder / STORE_MARK).exists()


def discover(root: Path, suffixes: tuple[str, ...]) -> Found:
    """Find the files below `root` that end in one of `suffixes` (lower case), whatever their letter case.

    Hidden names are skipped, and so are stores; a folder reached twice through links is read once.
    """
    found = Found()
    _visit(root, suffixes, found, seen=set())
    return found


def _visit(folder: Path, suffixes: tuple[str, ...], found: Found, *, seen: set[Path]) -> None:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(_visible(folder))
    except OSError as error:
        found.refused.append(unreadable(folder, error))
        return
    for path in entries:
        try:
            inner = _sort_in(path, suffixes, found)
        except OSError as error:
            found.refused.append(unreadable(path, error))
            continue
        if inner:
            _visit(path, suffixes, found, seen=seen)


def _sort_in(path: Path, suffixes: tuple[str, ...], found: Found) -> bool:
    """Enter one path; True for a folder to look into."""
    wanted = path.suffix.lower() in suffixes
    if path.is_file():
        (found.files if wanted else found.ignored).append(path)
    elif wanted:
        what = "is a folder" if path.is_dir() else "is no file (a broken link?)"
        found.refused.append(SourceError(f"{what}, though its name ends like a data file's", path=path))
    elif path.is_dir() and not is_store(path):
        return True
    else:
        found.ignored.append(path)
    return False


def _visible(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and Path(entry.name).suffix.lower() not in _OWN_SUFFIXES:
                yield folder / entry.name
