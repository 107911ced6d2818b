"""The store: per device and signal sorted, deduplicated Parquet under one manifest."""

from bessline.store.archive import Store
from bessline.store.intake import IngestReport, ingest
from bessline.store.readings import Readings

__all__ = ["IngestReport", "Readings", "Store", "ingest"]
