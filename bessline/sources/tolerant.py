"""The tolerant reader, loaded with the first block that needs it: most files never do, and polars comes with it."""

from __future__ import annotations

from importlib import import_module

from bessline.sources.base import Rejects
from bessline.sources.batch import Batch
from bessline.sources.csv_blocks import Block
from bessline.sources.csv_parse import Layout
from bessline.sources.local_time import LocalTime


def parse_tolerant(block: Block, layout: Layout, clock: LocalTime | None) -> tuple[Batch, Rejects | None]:
    """See `bessline.sources.csv_text.parse_tolerant`."""
    reader = import_module("bessline.sources.csv_text")
    found: tuple[Batch, Rejects | None] = reader.parse_tolerant(block, layout, clock)
    return found
