"""An arena: memory that is given out once at a time."""

import random
import threading

import numpy as np

from bessline.store.arena import Arena


def test_a_slot_is_free_when_nothing_looks_at_it_any_more() -> None:
    """Not when the array is dropped that was given out, but when the last piece that was cut out of it is."""
    arena, columns = Arena(64, 1), (np.arange(4), np.arange(3.0))
    kept = arena.kept(columns)
    piece = kept[1][1:].view()
    assert [column.tolist() for column in kept] == [column.tolist() for column in columns]
    assert not np.shares_memory(kept[0], columns[0])
    del kept
    assert arena.kept(columns) is columns
    assert piece.tolist() == [1.0, 2.0]
    del piece
    assert arena.kept(columns) is not columns


def test_what_is_kept_cannot_be_written() -> None:
    assert not any(column.flags.writeable for column in Arena(64, 1).kept((np.arange(4), np.arange(3.0))))


def test_what_is_too_large_or_much_too_small_keeps_its_own_memory() -> None:
    """A slot is not for a crumb; a file of crumbs would have taken them all."""
    arena = Arena(64, 1)
    for rows in (0, 3, 9):
        columns = (np.arange(rows),)
        assert arena.kept(columns) is columns


def test_threads_never_share_a_slot() -> None:
    """Each keeps some, drops some at random, and finds in the others what it put there."""
    arena, wrong = Arena(512, 8), list[int]()

    def work(seed: int) -> None:
        chosen, held = random.Random(seed), list[tuple[int, tuple[np.ndarray, ...]]]()
        for number in range(seed, seed + 300):
            held.append((number, arena.kept((np.full(40, number), np.full(20, number, np.int32)))))
            wrong.extend(n for n, columns in held if any((column != n).any() for column in columns))
            while len(held) > chosen.randrange(1, 5):
                held.pop(chosen.randrange(len(held)))

    threads = [threading.Thread(target=work, args=(1000 * seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sorted(arena._free) == list(range(8))
