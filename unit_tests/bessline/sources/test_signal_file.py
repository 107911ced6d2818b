"""One CSV of one signal."""

from __future__ import annotations

from pathlib import Path

from bessline.sources import Source, open_source
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import notes, only_rows, rejects, rows

T = "2024-05-01 08:00:00"
UTC = "2024-05-01T00:00:00"


def opened(path: Path) -> Source:
    return open_source(path, timezone="Asia/Shanghai")


def test_flags_are_whole_and_values_out_of_range_are_kept(write: Write, tmp_path: Path) -> None:
    """Half a smoke alarm is an error of the file; a cell at 9 V may be one of the cell's."""
    write("b1/fa1_smokeFlag.csv", f"ts,fa1_smokeFlag\n{T},1\n{T},0.5\n")
    write("b1/bms1_p1_v1.csv", f"ts,bms1_p1_v1\n{T},9\n")
    cell, flag = opened(tmp_path).jobs
    assert rows(cell) == {"b1/cells.p1_v1": [(UTC, 9.0)]}
    assert rows(flag) == {"b1/safety.fa1_smoke_flag": [(UTC, 1.0)]}
    ((line, reason, text),) = rejects(flag)
    assert (line, text) == (3, f"{T},0.5")
    assert "whole number" in reason


def test_status_words_end_values_and_garbage_is_rejected(write: Write, tmp_path: Path) -> None:
    """BOM and CRLF besides, as they come."""
    content = f"\ufeffTimestamp,value\r\n{T},1\r\n{T},Unavailable\r\n{T},ERR 7\r\n{T},\r\n"
    write("b1/bms1_soc.csv", content)
    source = opened(tmp_path)
    assert [value for _, value in only_rows(source)] == [1.0, None, None]
    assert [line for line, _, _ in rejects(source.jobs[0])] == [4]
    assert notes(source.jobs[0]) == []


def test_a_header_that_names_another_signal_is_noted(write: Write, tmp_path: Path) -> None:
    """The file's name wins, and the user is told."""
    write("b1/bms1_soc.csv", f"ts,bms1_soh\n{T},1\n")
    source = opened(tmp_path)
    assert [str(job.signals[0]) for job in source.jobs] == ["b1/bms.soc"]
    (note,) = notes(source.jobs[0])
    assert note.rows == 1
    assert "'bms1_soh'" in note.text
