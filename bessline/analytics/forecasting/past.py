"""The newest steps of one signal, by their absolute number."""

from __future__ import annotations

import numpy as np

from bessline.sources.base import Float64


class Past:
    """The newest `size` steps; NaN where a value is missing, outside, or not yet there.

    Kept in a buffer of twice the size, so that any stretch is one slice.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._buffer = np.full(2 * size, np.nan)
        self._used = size
        #: The number of the step after the newest.
        self.end = 0

    def append(self, value: float) -> None:
        """The value of step `end`; NaN when it is missing."""
        if self._used == len(self._buffer):
            self._buffer[: self._size] = self._buffer[self._size :]
            self._used = self._size
        self._buffer[self._used] = value
        self._used += 1
        self.end += 1

    def skip(self, count: int) -> None:
        """`count` steps are missing; any number of them costs the same bounded work."""
        if count < self._size:
            for _ in range(count):
                self.append(np.nan)
        else:
            self._buffer[: self._size] = np.nan
            self._used = self._size
            self.end += count

    def stretch(self, first: int, count: int) -> Float64:
        """Steps `first` to `first + count - 1`: float64[count]."""
        found = np.full(count, np.nan)
        oldest = self.end - self._size
        start, stop = max(first, oldest), min(first + count, self.end)
        if start < stop:
            at = self._used - self.end
            found[start - first : stop - first] = self._buffer[start + at : stop + at]
        return found

    def newest(self, count: int) -> Float64:
        """The last `count` steps, the oldest first: float64[count]."""
        return self.stretch(self.end - count, count)
