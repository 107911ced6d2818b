"""The form of a file of rows: how its stamps stand, how its values, and whether some may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bessline.sources.decimals import Decimals, Numbers, value_of
from bessline.sources.seconds import Seconds, Stamps
from bessline.store.coding import Coding, encoded
from bessline.store.stamps import MILLISECONDS, SECONDS, StampCoding


@dataclass(frozen=True, slots=True)
class Form:
    """How rows stand in a file. `value` is None where there are stamps alone; `has_missing`: values may be null.

    A column that has no nulls is written in five sixths of the time, so files of instruments that miss nothing say so.
    """

    stamps: StampCoding
    value: Coding | None = None
    has_missing: bool = False

    @property
    def schema(self) -> Any:
        """The Arrow schema of the file."""
        stamps = pa.field(self.stamps.name, self.stamps.type, nullable=False)
        if self.value is None:
            return pa.schema([stamps])
        return pa.schema([stamps, pa.field("value", self.value.type, nullable=self.has_missing)])

    @classmethod
    def of_schema(cls, schema: Any) -> Form:
        """The form of a file that has this schema."""
        stamps = StampCoding.of_names(schema.names)
        if len(schema.names) == 1:
            return cls(stamps)
        value = schema.field(1)
        return cls(stamps, Coding.of_type(value.type), value.nullable)

    @classmethod
    def of(cls, stamps: Stamps, value: Numbers | None, *, beyond: Form | None = None) -> Form:
        """The smallest form that n stamps and values fit into, and whatever fitted into `beyond`, too."""
        whole = (beyond is None or beyond.stamps == SECONDS) and Seconds.of(stamps) is not None
        coding = SECONDS if whole else MILLISECONDS
        if value is None:
            return cls(coding)
        if beyond is None and isinstance(value, Decimals):
            return cls(coding, Coding(value.shortest.places))
        floats = value_of(value)
        missing = bool(np.isnan(floats).any()) or (beyond is not None and beyond.has_missing)
        known = None if beyond is None else beyond.value
        if known is None or known.encode(floats) is None:
            known = Coding.of_type(encoded(floats, beyond=known).type)
        return cls(coding, known, missing)

    def table(self, stamps: Stamps, value: Numbers | None) -> pa.Table | None:
        """The rows as an Arrow table of this form, a NaN as null; None where they do not fit into it."""
        columns = [self.stamps.encode(stamps)]
        if self.value is not None and value is not None:
            columns.append(self._values(self.value, value))
        if any(column is None for column in columns):
            return None
        return pa.Table.from_arrays(columns, schema=self.schema)

    def _values(self, coding: Coding, value: Numbers) -> Any | None:
        if isinstance(value, Decimals):
            kept = coding.keep(value)
            if kept is not None:
                return kept
        array = coding.encode(value_of(value))
        return None if array is None or (array.null_count and not self.has_missing) else array
