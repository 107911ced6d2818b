"""Files of rows that were lost: text for a person, whose name says a digest of what they hold."""

from __future__ import annotations

import re
from pathlib import Path

import xxhash

from bessline.store.signed import damaged

_PIECE_BYTES = 1 << 20
_NAMED = re.compile(r"\.([0-9a-f]{16})\.csv$", re.ASCII)


def named(path: Path) -> Path:
    """Give the file at `path`, ``x.csv``, the name ``x.<digest>.csv``; returns where it is."""
    return path.replace(path.with_name(f"{path.stem}.{_digest(path)}.csv"))


def check(path: Path) -> bool:
    """Whether the name of the file at `path` says what it holds; those of an earlier version say nothing.

    Raises
    ------
    StoreDamaged
        it holds something else, or cannot be read.
    FileNotFoundError
        it is gone.
    """
    said = _NAMED.search(path.name)
    try:
        found = _digest(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise damaged(path, error) from error
    if said is not None and said[1] != found:
        raise damaged(path, "it does not match its checksum")
    return said is not None


def _digest(path: Path) -> str:
    digest = xxhash.xxh3_64()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
