"""check: what stands in the store, in words and figures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from bessline.check import check_store
from bessline.sources.base import REJECT_SCHEMA, Note, Rejects
from bessline.store import Store, ingest
from unit_tests.plants import signal_job, source_of


def test_a_register_is_told_with_all_its_digits(tmp_path: Path) -> None:
    """Of 1e+06 nobody can tell what a meter showed."""
    meter = signal_job(tmp_path, "m1/meter.import_energy", [0, 60], [1_000_000.25, 1_000_150.5])
    ingest([source_of(tmp_path, meter)], tmp_path / "s", workers=0)
    _, signals = check_store(Store.open(tmp_path / "s")).tables
    assert signals.rows[0][9:11] == ("1000000.25", "1000150.5")


def test_the_check_tells_what_a_store_holds(tmp_path: Path) -> None:
    """Spans, cadence, gaps, coverage, odd values, cells summed up, unknown signals named, rejects found."""
    at = np.concatenate([np.arange(0, 3600, 30), np.arange(7200, 10_800, 30)])
    soc = signal_job(tmp_path, "b1/bms.soc", at, np.where(at == 30, 101, 50))
    reject = pa.Table.from_pylist([{"line": 9, "reason": "no number", "text": "x"}], REJECT_SCHEMA)
    soc = replace(soc, parts=(*soc.parts, Rejects(reject), Note("repeated hour read as the first pass", 4)))
    cells = [signal_job(tmp_path, f"b1/cells.p1_v{n}", [0, 41, 82], [3.2, 3.3, 3.3 + n / 100]) for n in (1, 2)]
    door = signal_job(tmp_path, "b1/unclassified.door", [0], [1])
    ingest([source_of(tmp_path, soc, *cells, door, timezone="Asia/Shanghai")], tmp_path / "s", workers=0)
    found = check_store(Store.open(tmp_path / "s"))
    topics, signals = found.tables
    assert "Asia/Shanghai" in topics.title
    assert topics.rows[0][:5] == ("bms", "246", "2024-05-01T00:00:00.000Z", "2024-05-01T03:01:00.000Z", "30 s")
    by_name = {row[0]: row for row in signals.rows}
    assert by_name["bms.soc"] == (
        "bms.soc", "%", "240", "0", "2024-05-01T00:00:00.000Z", "2024-05-01T02:59:30.000Z",
        "30 s", "1", "66.57%", "50", "101", "1",
    )  # fmt: skip
    assert by_name["cells.* (2)"][1:3] == ("V", "6")
    assert by_name["cells.* (2)"][-2:] == ("3.32", "0")
    text = "\n".join(found.sentences)
    assert "not in the catalogue, kept as unclassified: door" in text
    assert "4 rows: repeated hour read as the first pass" in text
    assert "1 rejected and 0 replaced rows are kept in" in text
    assert (
        "4 files: 247 rows read, 0 exact duplicates dropped, 0 replaced by a later row of the same stamp, 1 rejected"
        in text
    )
