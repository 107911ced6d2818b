"""The store: per device and signal sorted, deduplicated Parquet under one manifest."""

from typing import TYPE_CHECKING

from bessline.later import homes

if TYPE_CHECKING:
    from bessline.store.archive import Store
    from bessline.store.intake import IngestReport, ingest
    from bessline.store.readings import Readings

__all__ = ["IngestReport", "Readings", "Store", "ingest"]
_HOMES = {"Store": "archive", "IngestReport": "intake", "ingest": "intake", "Readings": "readings"}
__getattr__ = homes(__name__, _HOMES)
