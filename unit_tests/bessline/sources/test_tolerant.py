"""The tolerant reader by its short name."""

from bessline.sources.csv_blocks import Block
from bessline.sources.csv_parse import Layout
from bessline.sources.tolerant import parse_tolerant


def test_it_reads_what_it_can_and_names_the_rest() -> None:
    """As `csv_text` does, which it is."""
    layout = Layout(("ts", "soc"), 0, (1,))
    batch, rejects = parse_tolerant(Block(b"1970-01-01 00:00:01Z,41\nnonsense\n", 2), layout, None)
    assert batch.t_ms.tolist() == [1000]
    assert rejects is not None
    assert rejects.table["line"].to_pylist() == [3]
