"""The gate: how many connections there may be, in total and for one address."""

from __future__ import annotations


class Gate:
    """Counts who is in.

    >>> gate = Gate(total=3, per_key=1)
    >>> gate.enter("a"), gate.enter("a"), gate.enter(None), gate.enter(None), gate.enter("b")
    (True, False, True, True, False)
    """

    def __init__(self, *, total: int, per_key: int) -> None:
        self.total, self.per_key = total, per_key
        self.inside = 0
        self.refused = 0
        self._by_key: dict[str, int] = {}

    def enter(self, key: str | None) -> bool:
        """Let one more in, if it may; `key` None is not counted by itself. Who enters must `leave`."""
        held = 0 if key is None else self._by_key.get(key, 0)
        if self.inside >= self.total or held >= self.per_key:
            self.refused += 1
            return False
        self.inside += 1
        if key is not None:
            self._by_key[key] = held + 1
        return True

    def leave(self, key: str | None) -> None:
        """One less."""
        self.inside -= 1
        if key is None:
            return
        self._by_key[key] -= 1
        if not self._by_key[key]:
            del self._by_key[key]
