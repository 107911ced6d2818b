"""Opening: the format is the description's word, or what the files show."""

from __future__ import annotations

from pathlib import Path

import bessline.sources as sources
from bessline.sources.description import load_description
from unit_tests.bessline.sources.conftest import Write
from unit_tests.conftest import ROOT


def test_the_kind_is_the_descriptions_word(write: Write, tmp_path: Path) -> None:
    """The same folder is a table or signals, as described."""
    write("b1/x.csv", "ts,v\n2024-05-01 00:00:00,1\n")
    assert sources.open_source(tmp_path, timezone="UTC").kind == "signal folder"
    column = "{column: v, device: b1, topic: bms, field: soc}"
    described = write("d.yaml", f"kind: wide_table\ntimestamp: ts\ncolumns: [{column}]\n")
    assert sources.open_source(tmp_path, timezone="UTC", describe=described).kind == "wide table"


def test_the_example_in_the_clone_is_a_valid_description() -> None:
    """Also where the measured data is not."""
    described = load_description(ROOT / "examples" / "m5bat.yaml")
    assert described.timezone == "UTC"
