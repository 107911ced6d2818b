"""The first step of the analyst's process. The server, which starts it, imports none of the methods and so no scipy."""

from __future__ import annotations

import importlib
from contextlib import suppress
from multiprocessing.connection import Connection

from bessline.analyst.reports import Order


def begin(order: Order, wakes: Connection, out: Connection) -> None:
    """Be the analyst, until `wakes` is closed."""
    # a server that is killed closes both pipes, and nobody is left to hear of it
    with suppress(EOFError, BrokenPipeError):
        importlib.import_module("bessline.analyst.analyst").run(order, wakes, out)
