"""Blocks of whole lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.errors import SourceError
from bessline.sources import csv_blocks
from bessline.sources.base import Rejects
from bessline.sources.csv_blocks import Block, blocks
from unit_tests.bessline.sources.conftest import Write


@given(st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"")), max_size=20), st.integers(1, 40))
def test_blocks_are_the_file_cut_between_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int
) -> None:
    """Nothing is lost or doubled, and each block knows its line."""
    path = tmp_path_factory.mktemp("blocks") / "f"
    path.write_bytes(b"\n".join(lines))
    parts = [part for part in blocks(path, offset=0, first_line=1, size=size) if isinstance(part, Block)]
    assert b"".join(part.data for part in parts) == b"\n".join(lines)
    for number, part in enumerate(parts):
        before = b"".join(other.data for other in parts[:number])
        assert part.first_line == 1 + before.count(b"\n")
        assert part.data.endswith(b"\n") or part is parts[-1]


@given(st.binary(min_size=1, max_size=200), st.integers(1, 9))
def test_pieces_are_the_block_cut_between_lines(data: bytes, count: int) -> None:
    """A block that is not clean is tried in pieces, with the right line numbers."""
    block, line = Block(data, 5), 5
    pieces = list(block.pieces(count))
    assert b"".join(piece.data for piece in pieces) == data
    for piece in pieces:
        assert piece.first_line == line
        line += piece.newlines


def test_an_endless_line_is_rejected_and_the_rest_goes_on(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line cannot fill the memory, and costs only itself."""
    monkeypatch.setattr(csv_blocks, "LINE_BYTES", 8)
    path = write("f", b"a\nbb\n" + b"x" * 70 + b"\nlast\n")
    first, reject, rest = blocks(path, offset=0, first_line=1, size=7)
    assert first == Block(b"a\nbb\n", 1)
    assert rest == Block(b"last\n", 4)
    assert isinstance(reject, Rejects)
    assert reject.table.to_pylist() == [{"line": 3, "reason": "the line is longer than 8 bytes", "text": "x" * 15}]


def test_a_missing_file_is_a_source_error_with_the_systems_reason(tmp_path: Path) -> None:
    """No traceback of the operating system's reaches a user."""
    with pytest.raises(SourceError, match="No such file"):
        list(blocks(tmp_path / "none", offset=0, first_line=1))
