"""The gate."""

from __future__ import annotations

from bessline.live.gate import Gate


def test_who_leaves_makes_room() -> None:
    """The cap of an address counts those inside, not those who ever came."""
    gate = Gate(total=9, per_key=1)
    assert gate.enter("a")
    assert not gate.enter("a")
    gate.leave("a")
    assert gate.enter("a")
    assert (gate.inside, gate.refused) == (1, 1)


def test_the_total_counts_everybody() -> None:
    """Those without a key of their own count in the total."""
    gate = Gate(total=2, per_key=1)
    assert [gate.enter(key) for key in (None, None, None, "a")] == [True, True, False, False]
    gate.leave(None)
    assert gate.enter("a")


def test_nobody_is_remembered() -> None:
    """Addresses that left take no memory."""
    gate = Gate(total=9, per_key=2)
    for key in ("a", "b", "a"):
        gate.enter(key)
    for key in ("a", "b", "a"):
        gate.leave(key)
    assert (gate.inside, gate._by_key) == (0, {})
