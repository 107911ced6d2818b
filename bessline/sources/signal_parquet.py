"""One Parquet file of one signal, as a signal folder may hold them beside its CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import SourceError
from bessline.sources.base import Job, Part, SignalId
from bessline.sources.batch import Batch
from bessline.sources.csv_table import Zone
from bessline.sources.stamps import STAMP_NAMES
from bessline.sources.units import Scaling
from bessline.sources.wide_parquet import ParquetTable, column_names

_INDEX = "__index_level_"


@dataclass(frozen=True)
class SignalParquetJob(Job):
    """One Parquet of one signal. `whole`: it holds whole numbers only."""

    file: Path
    signals: tuple[SignalId, ...]
    zone: Zone
    scaling: Scaling
    whole: bool = False

    @property
    def reading(self) -> str:
        """How the file is read."""
        return f"signal parquet 1: {self.signals[0]}, {self.zone}, x {self.scaling}"

    def read(self) -> Iterator[Part]:
        """Yield the rows in the order of the file."""
        for part in self._table().read():
            yield part.rows(0, self.signals[0], self.scaling) if isinstance(part, Batch) else part

    def check(self) -> None:
        """Raise what `read` would raise for the columns and the zone; reads the schema only."""
        self._table().check()

    def _table(self) -> ParquetTable:
        names = column_names(self.file)
        stamps = [name for name in names if name.lower() in STAMP_NAMES]
        values = [name for name in names if name not in stamps and not name.startswith(_INDEX)]
        if len(stamps) != 1 or len(values) != 1:
            raise SourceError(
                f"has the columns {', '.join(names[:12])}; a file of one signal has its stamps (one of "
                f"{', '.join(STAMP_NAMES[:-1])}) and its values, or a description of `kind: wide_table` (--describe)",
                path=self.file,
            )
        return ParquetTable(self.file, stamps[0], (values[0],), frozenset(values if self.whole else ()), self.zone)
