"""Checkpoints: the methods of a device as bytes, so that a restart goes on as if nothing had been."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bessline.analytics.base import Analytic

_DIGEST_BYTES = 16
_PROTOCOL = 5
#: What a method may be made of, beside the classes of `bessline.analytics`.
_NUMPY = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric")
_NAMES = {
    "builtins": {"set", "frozenset", "bytearray", "slice", "range", "complex", "object"},
    "collections": {"deque", "OrderedDict", "defaultdict", "Counter"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "zoneinfo": {"ZoneInfo"},
    "copyreg": {"_reconstructor"},
    **{name: {"ndarray", "dtype", "_reconstruct", "scalar", "_frombuffer"} for name in _NUMPY},
}
#: And its own classes.
OURS: tuple[str, ...] = ("bessline.analytics.",)


class BadCheckpoint(Exception):
    """The bytes are damaged, or hold what no method of ours is made of."""


def pack(methods: Sequence[Analytic]) -> bytes:
    """The methods as bytes that check themselves.

    >>> unpack(pack([]))
    []
    """
    body = pickle.dumps(list(methods), protocol=_PROTOCOL)
    return _digest(body) + body


def unpack(data: bytes) -> list[Analytic]:
    """The inverse of `pack`.

    Raises
    ------
    BadCheckpoint
    """
    check, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if check != _digest(body):
        raise BadCheckpoint("its checksum does not hold")
    try:
        found = _Unpickler(io.BytesIO(body)).load()
    except BadCheckpoint:
        raise
    except Exception as error:  # noqa: BLE001 - an older version's pickle may fail in any way
        raise BadCheckpoint(f"{type(error).__name__}: {error}") from None
    if not isinstance(found, list) or not all(isinstance(each, Analytic) for each in found):
        raise BadCheckpoint("it holds no methods")
    return found


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(OURS) or name in _NAMES.get(module, ()):
            return super().find_class(module, name)
        if (module, name) == ("builtins", "getattr"):
            return _attribute
        raise BadCheckpoint(f"it holds {module}.{name}")


def _attribute(owner: Any, name: str) -> Any:
    """All that a pickle may ask of a class: how a zone is read back."""
    if (owner, name) != (ZoneInfo, "_unpickle"):
        raise BadCheckpoint(f"it asks for {name}")
    return getattr(owner, name)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()
