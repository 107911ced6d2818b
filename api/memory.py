"""Where a server takes its memory from."""

from __future__ import annotations

import pyarrow as pa

from bessline.store.freed import keep_freed

#: So long freed memory is kept for the next who wants some.
_DECAY_MS = 10_000
_STEADY = "jemalloc"
#: Larger than any array that is made for a page or a chart.
_ARRAY_BYTES = 4 << 20


def steady_pool() -> None:
    """Let freed memory be kept for a while: Arrow's usual allocator gives its blocks back to the system at once.

    To get them once more costs milliseconds at a time on a virtual machine: of the pages that nobody read before, one
    in a hundred took twice as long. Where there is no jemalloc, the system's allocator is as steady, but grows more.
    For the whole process, so a server's affair and nobody else's.
    """
    if _STEADY in pa.supported_memory_backends():
        pa.jemalloc_set_decay_ms(_DECAY_MS)
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    else:
        pa.set_memory_pool(pa.system_memory_pool())
    keep_freed(_ARRAY_BYTES)
