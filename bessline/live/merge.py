"""Merging: several readings become their newest, with the range of each value, so that no peak is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = Mapping[str, object]


@dataclass(slots=True)
class Merge:
    """Readings not yet sent, as one: how many, the newest row and its stamp (ms), lowest and highest value a field.

    >>> merge = Merge(("soc",))
    >>> for t_ms, soc in ((0, 41.0), (1, 43.0), (2, None)): merge.add(t_ms, {"soc": soc})
    >>> merge.count, merge.t_ms, merge.row, merge.window()
    (3, 2, {'soc': None}, {'soc': {'min': 41.0, 'max': 43.0}})
    """

    fields: tuple[str, ...]
    count: int = 0
    t_ms: int = 0
    row: Row = field(default_factory=dict)
    _low: dict[str, float] = field(default_factory=dict)
    _high: dict[str, float] = field(default_factory=dict)

    def add(self, t_ms: int, row: Row) -> None:
        """Take one reading more; it is the newest."""
        self.count, self.t_ms, self.row = self.count + 1, t_ms, row
        low, high = self._low, self._high
        for name in self.fields:
            value = row[name]
            if not isinstance(value, float | int):
                continue
            if name not in low:
                low[name] = high[name] = value
            elif value < low[name]:
                low[name] = value
            elif value > high[name]:
                high[name] = value

    def window(self) -> dict[str, dict[str, float | None]]:
        """Lowest and highest value of each field, None where no reading had one."""
        return {name: {"min": self._low.get(name), "max": self._high.get(name)} for name in self.fields}

    def copy(self) -> Merge:
        """The same readings, to go its own way."""
        return Merge(self.fields, self.count, self.t_ms, self.row, dict(self._low), dict(self._high))
