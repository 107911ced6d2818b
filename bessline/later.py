"""What a package gives, loaded when it is asked for: a worker that reads one file must not pay for all formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def homes(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose `names` live in those of its modules.

    >>> homes("email", {"Parser": "parser"})("Parser").__module__
    'email.parser'
    """

    def found(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{names[name]}"), name)

    return found
