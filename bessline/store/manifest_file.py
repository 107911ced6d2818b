"""The file of the manifest: one JSON that is checked when it is read, and swapped in whole or not at all.

A copy beside it serves `verify --repair` alone: without its manifest a store is a heap of files.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from bessline.errors import StoreDamaged, StoreMissing
from bessline.store.durable import write_atomically
from bessline.store.manifest import FORMAT, Manifest

MANIFEST, COPY = "manifest.json", "manifest.copy.json"
_FORM = TypeAdapter(Manifest)


def read_manifest(store: Path, *, name: str = MANIFEST) -> Manifest:
    """Read and verify the manifest of the store in folder `store`, or its copy.

    Raises
    ------
    StoreMissing
        no manifest there.
    StoreDamaged
        its checksum or its format does not hold, or it is gone and its copy is there.
    """
    try:
        raw = (store / name).read_bytes()
    except FileNotFoundError:
        if name == MANIFEST and (store / COPY).exists():
            # who began anew would sweep away what it named
            raise StoreDamaged(f"{name} is missing; `verify --repair` makes it again", path=store) from None
        raise StoreMissing(f"is not a store (it has no {name})", path=store) from None
    except (NotADirectoryError, PermissionError) as error:
        raise StoreMissing(f"cannot be opened as a store ({error.strerror})", path=store) from None
    try:
        envelope = orjson.loads(raw)
        body = envelope["manifest"]
        if envelope["blake2b"] != _digest(body):
            raise StoreDamaged(f"{name} does not match its checksum", path=store)
        if body["format"] != FORMAT:
            raise StoreDamaged(f"was written by another version (format {body['format']}, not {FORMAT})", path=store)
        return _FORM.validate_python(body)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValidationError) as error:
        raise StoreDamaged(f"{name} cannot be read ({type(error).__name__})", path=store) from None


def write_manifest(store: Path, manifest: Manifest) -> None:
    """Swap `manifest` in: after a crash at any moment the old one or the new one is there, whole."""
    body = _FORM.dump_python(manifest, mode="json")
    data = orjson.dumps({"blake2b": _digest(body), "manifest": body})
    # a copy of an earlier swap would name files that are gone: better none
    (store / COPY).unlink(missing_ok=True)
    write_atomically(store / MANIFEST, data)
    with suppress(OSError):  # the manifest is in force; on a full disk the copy has to wait for the next
        write_atomically(store / COPY, data)


def _digest(body: Any) -> str:
    return hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
