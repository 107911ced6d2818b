"""A folder that is there whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bessline.errors import SourceError


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to fill; at the end it becomes `out`, after an error it is gone.

    What an earlier run left in it when it was killed is thrown away.

    Raises
    ------
    SourceError
        when `out` is there and not an empty folder, or the disk refuses.
    """
    out = out.absolute()
    _refuse_taken(out)
    partial = out.with_name(out.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        _hand_over(partial, out=out)
    except OSError as error:
        raise SourceError(f"the demo plant cannot be written: {error.strerror or error}", path=out) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _hand_over(partial: Path, *, out: Path) -> None:
    if not out.exists():
        partial.rename(out)
        return
    # An empty folder that is there may be somebody's working directory or a mount: keep it, fill it.
    for part in sorted(partial.iterdir()):
        shutil.move(part, out / part.name)


def _refuse_taken(out: Path) -> None:
    try:
        taken = out.exists() and not (out.is_dir() and next(out.iterdir(), None) is None)
    except OSError as error:
        raise SourceError(f"cannot be looked into: {error.strerror}", path=out) from error
    if taken:
        raise SourceError("already there and not an empty folder; name another one or remove it", path=out)
