"""Staging: one file becomes runs, rejects and a receipt; repeatable, and clean after a failure."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bessline.errors import SourceError
from bessline.sources.base import REJECT_SCHEMA, Note, Rejects
from bessline.store.staging import job_name, signature, stage
from unit_tests.plants import MAY_1, ArrayJob, signal_job


def _rejects(*rows: tuple[int, str, str]) -> Rejects:
    return Rejects(
        pa.Table.from_pylist([dict(zip(REJECT_SCHEMA.names, row, strict=True)) for row in rows], REJECT_SCHEMA)
    )


@pytest.fixture
def job(tmp_path: Path) -> ArrayJob:
    """Five rows: one exact duplicate, one stamp with two values, one marker; one reject; one note."""
    job = signal_job(tmp_path, "b1/bms.soc", [0, 30, 30, 60, 60], [1, 2, 2, 3, np.nan])
    return replace(job, parts=(*job.parts, _rejects((7, "no number", "x,y")), Note("repeated hour", 2)))


def test_the_receipt_accounts_for_every_row(job: ArrayJob, tmp_path: Path) -> None:
    """Rows given = rows kept + duplicates + conflicts, and the rejected ones are counted beside them."""
    receipt = stage(job, tmp_path)
    run = receipt.runs["b1/bms.soc"]
    file = receipt.file
    assert (file.rows, run.rows, file.duplicates, file.conflicts, file.rejected) == (5, 3, 1, 1, 1)
    assert (run.markers, run.start_ms, run.end_ms) == (1, MAY_1, MAY_1 + 60_000)
    assert file.notes == {"repeated hour": 2}


def test_rejected_and_superseded_rows_are_kept(job: ArrayJob, tmp_path: Path) -> None:
    """The reject file names file, line and reason, and holds the value that lost against a later one."""
    (name,) = stage(job, tmp_path).file.reject_files
    with Path(name).open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["line"], reverse=True)
    assert rows[0] == {"file": str(job.file), "line": "7", "reason": "no number", "text": "x,y"}
    assert rows[1]["text"] == "b1/bms.soc 2024-05-01T00:01:00.000Z 3.0"


def test_an_earlier_receipt_for_the_same_bytes_is_taken(job: ArrayJob, tmp_path: Path) -> None:
    """A killed ingest goes on: the file is not read again."""
    receipt = stage(job, tmp_path)
    assert stage(replace(job, failure="must not be read"), tmp_path) == receipt


@pytest.mark.parametrize("change", ["bytes", "reading", "run gone"])
def test_a_receipt_for_something_else_is_not_taken(job: ArrayJob, tmp_path: Path, change: str) -> None:
    """Changed bytes, another way of reading, or a lost run: the file is read again."""
    receipt = stage(job, tmp_path)
    if change == "bytes":
        job.file.write_bytes(b"grown")
    if change == "reading":
        job = replace(job, reading="zone Europe/Berlin")
    if change == "run gone":
        Path(receipt.runs["b1/bms.soc"].file).unlink()
    with pytest.raises(SourceError, match="read again"):
        stage(replace(job, failure="read again"), tmp_path)


def test_a_file_that_fails_leaves_nothing(job: ArrayJob, tmp_path: Path) -> None:
    """Neither runs nor rejects of a file that turned out to be unreadable stay."""
    with pytest.raises(SourceError, match="corrupt"):
        stage(replace(job, failure="corrupt"), tmp_path)
    assert list((tmp_path / job_name(job)).iterdir()) == []


def test_a_vanished_file_is_named(job: ArrayJob) -> None:
    """A file deleted since discovery is an error of the source."""
    job.file.unlink()
    with pytest.raises(SourceError, match=r"bms\.soc\.csv: cannot be read"):
        signature(job)


@pytest.mark.parametrize("which", ["file", "pyramid"])
def test_a_receipt_whose_files_lost_their_bytes_is_not_taken(job: ArrayJob, tmp_path: Path, which: str) -> None:
    """After a power cut a file may be there and hold nothing: the source is read again."""
    run = stage(job, tmp_path).runs["b1/bms.soc"]
    path = Path(getattr(run, which))
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(SourceError, match="read again"):
        stage(replace(job, failure="read again"), tmp_path)
