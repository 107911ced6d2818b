"""Row groups behind those of a signed file: what stands in it is copied as it is, neither read nor written anew."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bessline.store.columns import begin_parquet
from bessline.store.signed import Signed, appearing, footer_start


def append_groups(source: Signed, target: Path, tables: Iterable[pa.Table]) -> int:
    """Write `target`: the row groups of `source`, and one for each of `tables` that has rows, whose schema is
    that of the source.

    It appears whole or not at all, signed; returns its size in bytes.
    """
    schema = source.metadata.schema.to_arrow_schema()
    with appearing(target) as temporary:
        with pa.OSFile(str(temporary), "wb") as sink, begin_parquet(sink, schema) as writer:
            # the writer takes its offsets from the sink: what is written past it counts
            sink.write(source.image[sink.tell() :])
            for table in tables:
                if table.num_rows:
                    writer.write_table(table, row_group_size=table.num_rows)
        _join_footers(source, temporary)
    return target.stat().st_size


def _join_footers(source: Signed, path: Path) -> None:
    """Let the footer of the file at `path` name the row groups of `source` before its own."""
    metadata, footer = pq.read_metadata(source.path), io.BytesIO()
    metadata.append_row_groups(pq.read_metadata(path))
    metadata.write_metadata_file(footer)
    with path.open("r+b") as file:
        start = footer_start(file.fileno())
        file.truncate(start)
        file.seek(start)
        # as a file of its own it begins with the mark of all Parquet files
        file.write(footer.getbuffer()[4:])
