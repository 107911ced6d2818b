"""The first lines of a CSV."""

from __future__ import annotations

import pytest

from bessline.errors import SourceError
from bessline.sources.csv_head import read_head
from unit_tests.bessline.sources.conftest import Write


def test_a_plain_head(write: Write) -> None:
    """Names, where the rows begin, and the first stamp."""
    head = read_head(write("f.csv", "ts,soc\n2024-05-01 00:00:00,41\n"))
    assert head.names == ("ts", "soc")
    assert (head.offset, head.first_line) == (7, 2)
    assert head.first_stamp(0) == "2024-05-01 00:00:00"
    assert head.stamps_have_offsets(0) is False


def test_bom_blank_lines_quotes_and_crlf_do_not_matter(write: Write) -> None:
    """Excel's habits."""
    head = read_head(write("f.csv", b'\xef\xbb\xbf\r\n"ts" , "s,oc"\r\n2024-05-01T00:00:00Z,41\r\n'))
    assert head.names == ("ts", "s,oc")
    assert head.first_line == 3
    assert head.stamps_have_offsets(0) is True


def test_the_first_stamp_is_looked_for_behind_garbage(write: Write) -> None:
    """A status line first does not hide what the stamps are."""
    head = read_head(write("f.csv", "ts,soc\nrestart\n\n2024-05-01 00:00:00.123456,41\n"))
    assert head.first_stamp(0) == "2024-05-01 00:00:00.123456"
    assert head.stamps_are_fine(0)
    assert read_head(write("g.csv", "ts,soc")).stamps_have_offsets(0) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\r\n", "is empty"),
        (b"2024-05-01 00:00:00,41\n", "has no header"),
        ("ts,soc\n".encode("utf-16"), "UTF-8"),
        (b"t\xff,soc\n", "UTF-8"),
    ],
)
def test_what_is_no_head_is_refused_with_its_line(write: Write, content: bytes, says: str) -> None:
    """File, line and what to do."""
    path = write("f.csv", content)
    with pytest.raises(SourceError, match=says) as refused:
        read_head(path)
    assert refused.value.line == 1
    assert refused.value.path == path


@pytest.mark.parametrize(("mark", "how"), [(";", '";"'), ("\t", r'"\\t"'), ("|", '"[|]"')])
def test_another_delimiter_is_named(write: Write, mark: str, how: str) -> None:
    """As it is written in a description."""
    with pytest.raises(SourceError, match=f"delimiter: {how}") as refused:
        read_head(write("f.csv", f"\nts{mark}soc\n2024-05-01 00:00:00{mark}41\n"))
    assert refused.value.line == 2
    with pytest.raises(SourceError, match='delimiter: ","'):
        read_head(write("g.csv", "ts,soc\n"), delimiter=";")


def test_a_missing_and_a_doubled_column_are_named(write: Write) -> None:
    """The message holds the names nearest to it."""
    head = read_head(write("f.csv", "ts,P_AC,P_AC,Q_AC\n"))
    with pytest.raises(SourceError, match="no column 'Q_DC'; did you mean 'Q_AC'"):
        head.index("Q_DC")
    with pytest.raises(SourceError, match="'P_AC' 2 times"):
        head.index("P_AC")


def test_a_header_longer_than_the_first_look(write: Write) -> None:
    """Tables of thousands of columns have long first lines."""
    names = ["ts", *(f"column_{n:05}" for n in range(5000))]
    head = read_head(write("f.csv", ",".join(names) + "\n2024-05-01 00:00:00" + ",1" * 5000 + "\n"))
    assert head.names == tuple(names)
    assert head.first_stamp(0) == "2024-05-01 00:00:00"
