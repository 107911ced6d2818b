"""Processes that are spawned with what they run and nothing else.

A spawned process imports the main module of whoever started it again: for a server that is all of HTTP, seconds of work
for each worker, for a function that needs none of it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

_swapping = threading.Lock()


class _Process(SpawnProcess):
    """What it runs must stand in a module that can be imported by its name."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the hook of multiprocessing
        with _without_main():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process


#: As `multiprocessing.get_context("spawn")`, but that the main module stays at home.
SPAWN = _Context()


@contextmanager
def _without_main() -> Iterator[None]:
    with _swapping:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
