"""The first lines of a CSV: its columns, where its rows begin, and whether its stamps say their zone."""

from __future__ import annotations

import csv
import difflib
import json
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import SourceError
from bessline.sources.csv_blocks import LINE_BYTES, unreadable
from bessline.sources.stamps import has_offset, is_finer_than_ms, is_stamp

_HEAD_BYTES, _SAMPLE_ROWS = 16 << 10, 16
_DELIMITERS = (";", "\t", "|", ",")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines say.

    Parameters
    ----------
    path: the file.
    names: the header's column names, stripped.
    delimiter: between the cells.
    offset, first_line: where the rows begin, in bytes and in lines.
    rows: cells of the first rows.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str
    offset: int
    first_line: int
    rows: tuple[tuple[str, ...], ...]

    def index(self, name: str) -> int:
        """The place of column `name`.

        Raises
        ------
        SourceError
            when it is missing (naming the columns nearest to it) or there twice.
        """
        count = self.names.count(name)
        if count == 1:
            return self.names.index(name)
        if count > 1:
            raise SourceError(
                f"the header names column {name!r} {count} times", path=self.path, line=self.first_line - 1
            )
        raise missing_column(name, self.names, path=self.path, line=self.first_line - 1)

    def first_stamp(self, index: int) -> str | None:
        """The first stamp in that column, or ``None`` where the first rows hold none."""
        cells = (row[index].strip() for row in self.rows if len(row) > index)
        return next((cell for cell in cells if is_stamp(cell)), None)

    def stamps_have_offsets(self, index: int) -> bool | None:
        """Whether the stamps of that column say their zone; ``None`` where the first rows do not tell."""
        stamp = self.first_stamp(index)
        return None if stamp is None else has_offset(stamp)

    def stamps_are_fine(self, index: int) -> bool:
        """Whether they have more than three decimals of a second."""
        return is_finer_than_ms(self.first_stamp(index) or "")


def missing_column(name: str, names: tuple[str, ...], *, path: Path, line: int | None = None) -> SourceError:
    """The refusal of a file that lacks column `name`."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    known = f"did you mean {' or '.join(map(repr, near))}?" if near else f"it has {', '.join(map(repr, names[:12]))}"
    return SourceError(f"has no column {name!r}; {known}", path=path, line=line)


def read_head(path: Path, *, delimiter: str = ",") -> Head:
    """Read the header and the rows behind it.

    Raises
    ------
    SourceError
        for an unreadable or empty file, one that is not text, and one without a header.
    """
    try:
        with path.open("rb") as handle:
            data = handle.read(_HEAD_BYTES)
            if b"\n" not in data:
                data += handle.read(LINE_BYTES)
            at_end = not handle.read(1)
    except OSError as error:
        raise unreadable(path, error) from error
    start = len(_BOM) if data.startswith(_BOM) else 0
    lines = data[start:].split(b"\n")
    blank = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if blank == len(lines):
        raise SourceError("is empty; the first line should be a header such as `ts,bms1_soc`", path=path, line=1)
    raw = lines[blank]
    names = _cells(_text(raw, path=path, line=blank + 1), delimiter)
    if len(names) == 1:
        other = next((mark for mark in _DELIMITERS if mark in names[0]), None)
        if other is not None:
            how = f"say `delimiter: {json.dumps(other)}` in a description (bessline.yaml)"
            raise SourceError(f"has no {delimiter!r} in its header {names[0][:80]!r}; {how}", path=path, line=blank + 1)
    if is_stamp(names[0]):
        raise SourceError(
            f"has no header: its first line is {','.join(names)[:80]!r}; put the columns' names there (`ts,<signal>`)",
            path=path,
            line=blank + 1,
        )
    sample = lines[blank + 1 :] if at_end else lines[blank + 1 : -1]
    rows = tuple(_cells(line.decode("utf-8", "replace"), delimiter) for line in sample[:_SAMPLE_ROWS] if line.strip())
    offset = start + sum(len(line) + 1 for line in lines[: blank + 1])
    return Head(path, names, delimiter, offset, blank + 2, rows)


def _text(raw: bytes, *, path: Path, line: int) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise SourceError("is not UTF-8 text (NUL bytes in the header); save it as UTF-8", path=path, line=line)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"is not UTF-8 text ({error.reason}); save it as UTF-8", path=path, line=line) from error


def _cells(text: str, delimiter: str) -> tuple[str, ...]:
    try:
        row = next(csv.reader([text.strip("\r")], delimiter=delimiter, skipinitialspace=True), [""])
    except csv.Error:
        row = text.split(delimiter)
    return tuple(cell.strip() for cell in row)
