"""The cache of row groups: bounded, and what somebody looks at stays what it is."""

from pathlib import Path

import numpy as np
import pytest

from bessline.store.row_group_cache import ROW_BYTES, ROW_GROUP, Group, NewestGroups, RowGroupCache


class _Decoder:
    """Groups that tell when they are decoded: each holds its own number."""

    def __init__(self, cache: RowGroupCache, rows: int = 1) -> None:
        self._cache, self._rows = cache, rows
        self.decoded: list[tuple[str, int]] = []

    def get(self, name: str, index: int) -> Group:
        def decode() -> Group:
            self.decoded.append((name, index))
            return np.full(self._rows, index, np.uint32), np.full(self._rows, -index, np.int32)

        return self._cache.get((Path(name), index), decode)


@pytest.mark.parametrize(("groups", "decoded"), [(3, 3), (2, 6), (1, 6)])
def test_the_cache_holds_no_more_than_it_may(groups: int, decoded: int) -> None:
    """Walking through three groups twice: what fits is decoded once, what was longest not looked at goes first."""
    decoder = _Decoder(RowGroupCache(max_bytes=groups * 8))
    for index in (0, 1, 2, 0, 1, 2):
        decoder.get("a", index)
    assert len(decoder.decoded) == decoded
    assert decoder.get("a", 2)[0] is decoder.get("a", 2)[0]


def test_what_was_looked_at_again_stays_longer() -> None:
    """Of two groups the one that nobody came back to goes."""
    decoder = _Decoder(RowGroupCache(max_bytes=2 * 8))
    for index in (0, 1, 0, 2, 0):
        decoder.get("a", index)
    assert decoder.decoded == [("a", 0), ("a", 1), ("a", 2)]


def test_memory_that_was_reserved_is_not_given_twice() -> None:
    """Rows that somebody looks at stay what they are when their group is thrown out and others are read."""
    cache = RowGroupCache(max_bytes=2 * ROW_BYTES * ROW_GROUP)
    cache.reserve(1 << 30)
    decoder = _Decoder(cache, rows=ROW_GROUP)
    held = [decoder.get("a", index) for index in (0, 1, 2, 3, 0)]
    assert [(int(t.min()), int(t.max()), int(value[0])) for t, value in held] == [(n, n, -n) for n in (0, 1, 2, 3, 0)]


def test_the_newest_groups_decode_each_block_of_a_walk_once() -> None:
    """Files side by side, each with its newest block at hand; a step back is decoded again."""
    decoder = _Decoder(NewestGroups())
    walk = [("a", 0), ("b", 0), ("a", 0), ("a", 1), ("b", 0), ("a", 1), ("b", 1), ("a", 0)]
    assert [int(decoder.get(*step)[0][0]) for step in walk] == [index for _, index in walk]
    assert decoder.decoded == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 0)]
