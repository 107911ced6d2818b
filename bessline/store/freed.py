"""Memory that was freed: kept for the next who wants some, instead of given back to the system each time."""

from __future__ import annotations

import ctypes
import os

#: Of glibc's malloc.h; other systems manage without.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed(array_bytes: int) -> None:
    """Let arrays of up to so many bytes be made of memory that was freed before, of which four times as much is kept.

    A page that the system gives anew costs 3 to 10 µs on a virtual machine: a few thousand are most of what a chart or
    a column takes. For the whole process; Arrow's own allocators give their memory back whatever is said here.
    """
    if os.name == "posix" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, array_bytes)
        libc.mallopt(_M_TRIM_THRESHOLD, 4 * array_bytes)
