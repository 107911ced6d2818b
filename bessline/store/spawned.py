"""Processes that are spawned with what they run and nothing else.

A spawned process imports the main module of whoever started it again: for a server that is all of HTTP, seconds of work
for each worker, for a function that needs none of it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, ClassVar

_swapping = threading.Lock()


class _Process(SpawnProcess):
    """What it runs must stand in a module that can be imported by its name."""

    environment: ClassVar[Mapping[str, str]] = {}

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the hook of multiprocessing
        with _swapping, _without_main(), patched(os.environ, getattr(process_obj, "environment", {})):
            return SpawnProcess._Popen(process_obj)


class _LoneProcess(_Process):
    """One of as many as there are cores, without linear algebra, whose threads would stand in each other's way.

    They are begun when numpy is imported, and spin: half of what that import costs. Where the system gives huge pages
    to who asks, glibc does: that saves an ingest 3 % of its work.
    """

    environment: ClassVar[Mapping[str, str]] = {
        "OPENBLAS_NUM_THREADS": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    }


class _Context(SpawnContext):
    Process = _Process


class _LoneContext(SpawnContext):
    Process = _LoneProcess


#: As `multiprocessing.get_context("spawn")`, but that the main module stays at home.
SPAWN = _Context()
#: The same for workers of which each has one core.
SPAWN_LONE = _LoneContext()


@contextmanager
def _without_main() -> Iterator[None]:
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def patched(values: MutableMapping[str, str], changes: Mapping[str, str]) -> Iterator[None]:
    """Let `values` have these for a while.

    >>> with patched(values := {"a": "1"}, {"a": "2", "b": "3"}):
    ...     print(values)
    {'a': '2', 'b': '3'}
    >>> values
    {'a': '1'}
    """
    before = {name: values.get(name) for name in changes}
    values.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del values[name]
            else:
                values[name] = value
