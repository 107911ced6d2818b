"""Sources taken in together: folders of one name in two of them are two devices until somebody says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bessline.errors import SourceError
from bessline.sources.base import Source

#: The kind of source whose devices are called as its folders happen to be.
_NAMED_BY_FOLDER = "signal folder"


def check_twins(sources: Sequence[Source]) -> None:
    """See that no device of `sources` comes from two folders; the same folder may come again.

    Raises
    ------
    SourceError
        names both, and how to tell them apart.
    """
    taken: dict[str, Path] = {}
    for source in sources:
        for folder, device in _folders(source).items():
            other = taken.setdefault(device, folder)
            if other.resolve() != folder.resolve():
                raise SourceError(
                    f"is device {device!r}, and so is {other}. Take one of them in by a command of its own, with "
                    f"--prefix, or with `devices: {{{folder.name!r}: another-name}}` in a bessline.yaml in its source; "
                    "where both are one device, take in one after the other",
                    path=folder,
                )


def _folders(source: Source) -> dict[Path, str]:
    """The folders that gave devices their names."""
    if source.kind != _NAMED_BY_FOLDER:
        return {}
    return {job.file.parent: signal.device_id for job in source.jobs for signal in job.signals}
