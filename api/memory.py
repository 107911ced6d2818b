"""Where Arrow takes its memory from in a server."""

from __future__ import annotations

import pyarrow as pa


def steady_pool() -> None:
    """Let Arrow keep what it has: its own allocator gives freed blocks back to the system again and again.

    To get them once more costs milliseconds at a time on a virtual machine: of the pages that nobody read before, one
    in a hundred took twice as long. For the whole process, so a server's affair and nobody else's.
    """
    pa.set_memory_pool(pa.system_memory_pool())
