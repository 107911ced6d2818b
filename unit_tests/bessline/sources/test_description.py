"""The YAML beside the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.errors import DescriptionError
from bessline.sources.description import (
    Description,
    SignalFolderDescription,
    WideTableDescription,
    find_description,
    load_description,
)
from unit_tests.bessline.sources.conftest import Write

WIDE = "kind: wide_table\ntimezone: UTC\ntimestamp: ts\ncolumns:\n"
SOC = "  - {column: a, device: b1, topic: bms, field: soc}\n"


def load(write: Write, text: str | bytes) -> Description:
    return load_description(write("d.yaml", text))


def mistake(write: Write, text: str | bytes) -> str:
    with pytest.raises(DescriptionError) as error:
        load(write, text)
    assert "d.yaml" in str(error.value)
    return error.value.reason


def column(**keys: str) -> str:
    said = {"column": "a", "device": "b1", "topic": "bms", "field": "soc"} | keys
    return WIDE + "  - {" + ", ".join(f"{key}: {value}" for key, value in said.items()) + "}\n"


def test_a_signal_folder_is_described_in_three_lines(write: Write) -> None:
    """Numbers as names and spans as people write them."""
    said = load(write, "kind: signal_folder\ntimezone: Asia/Shanghai\ndevices: {'#1': 1, b2: two}\nmax_age: 30min\n")
    assert isinstance(said, SignalFolderDescription)
    assert said.devices == {"#1": "1", "b2": "two"}
    assert (said.positive, said.ambiguous, said.max_age, said.hold_s) == ("discharge", "infer", 1800.0, None)


def test_change_driven_values_hold_six_hours_unless_said(write: Write) -> None:
    """The contract's default."""
    assert load(write, "kind: signal_folder\nchange_driven: true\n").hold_s == 21_600
    assert load(write, "kind: signal_folder\nchange_driven: true\nmax_age: 90s\n").hold_s == 90


def test_one_column_may_feed_several_signals_and_two_unsigned_ones_one(write: Write) -> None:
    """The order of subtraction is the catalogue's sign."""
    said = load(
        write,
        WIDE + SOC + "  - {column: a, device: b2, topic: bms, field: soc}\n"
        "  - {column: {charge: in, discharge: out}, device: b1, topic: pcs, field: active_power}\n"
        "  - {column: {import: in, export: out}, device: m1, topic: meter, field: active_power}\n",
    )
    assert isinstance(said, WideTableDescription)
    assert [column.column for column in said.columns] == [("a", None), ("a", None), ("out", "in"), ("in", "out")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no keys"),
        ("- a\n", "holds no keys"),
        ("timezone: UTC\n", "kind: is missing; write `kind: signal_folder`"),
        ("kind: table\n", "kind: 'table' is unknown"),
        ("kind: signal_folder\ntimezon: UTC\n", "timezon: unknown key; did you mean timezone"),
        ("kind: signal_folder\ntimezone: Europe/Berln\n", "timezone: timezone 'Europe/Berln' is unknown; did you mean"),
        ("kind: signal_folder\npositive: import\n", "positive: "),
        ("kind: signal_folder\nambiguous: guess\n", "ambiguous: "),
        ("kind: signal_folder\ndevices: {b1: 'a b'}\n", "devices: 'a b' is no device id; write letters"),
        ("kind: signal_folder\nmax_age: soon\n", "max_age: write a span such as 6h"),
        ("kind: signal_folder\nmax_age: -1\n", "max_age: "),
        ("kind: signal_folder\ndecimal: ','\n", "write `delimiter: ';'`"),
        ("kind: wide_table\ntimezone: UTC\n", "timestamp: is missing; columns: is missing"),
        (WIDE + "  []\n", "columns: is empty; list {column: NAME"),
        (WIDE, "columns: "),
        (WIDE + SOC + SOC, "two columns feed b1/bms.soc"),
        (b"kind: \xff", "is not UTF-8"),
    ],
)
def test_every_mistake_names_its_key_and_how_to_write_it(write: Write, text: str | bytes, says: str) -> None:
    """A description is written by hand, so its messages are half its design."""
    assert says in mistake(write, text)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"topic": "bsm"}, "columns[0]: topic 'bsm' is unknown; did you mean bms"),
        ({"field": "sco"}, "columns[0]: field 'sco' is unknown in topic bms; did you mean soh or soc"),
        ({"field": "State"}, "columns[0]: field 'State': write lower-case letters"),
        ({"topic": "cells", "field": "'p{pack}_v{cell}'"}, "columns[0]: field 'p{pack}_v{cell}'"),
        ({"topic": "cells", "field": "p0_v1"}, "columns[0]: field 'p0_v1' is unknown"),
        ({"device": "'../x'"}, "columns[0].device: '../x' is no device id"),
        ({"unit": "degF"}, "columns[0]: unit 'degF' does not fit a signal in %"),
        ({"scale": "0"}, "columns[0].scale: write a positive number"),
        ({"scale": ".inf"}, "columns[0].scale: write a positive number"),
        ({"positive": "charge"}, "columns[0]: positive: bms.soc has no direction"),
        ({"field": "current", "positive": "import"}, "columns[0]: positive: for bms.current write charge or discharge"),
        ({"column": "{charge: a}"}, "columns[0].column: write a column's name, or two unsigned ones"),
        ({"colum": "a"}, "columns[0].colum: unknown key; did you mean column"),
        ({"topic": "safety", "field": "fa1_level", "scale": "0.1"}, "columns[0]: safety.fa1_level is a flag"),
    ],
)
def test_every_mistake_in_a_column_names_the_column(write: Write, keys: dict[str, str], says: str) -> None:
    """Counted as the list is written, from 0."""
    assert says in mistake(write, column(**keys))


def test_two_unsigned_columns_say_their_sign_themselves(write: Write) -> None:
    """A second word about it could only contradict."""
    text = column(column="{charge: a, discharge: b}", field="current", positive="charge")
    assert "leave it out" in mistake(write, text)


def test_what_the_catalogue_lacks_goes_to_unclassified(write: Write) -> None:
    """With any unit, for none is converted."""
    said = load(write, column(topic="unclassified", field="fan_speed", unit="rpm", positive="charge"))
    assert isinstance(said, WideTableDescription)
    assert said.columns[0].signal is None


def test_broken_yaml_is_named_with_its_line(write: Write) -> None:
    """The line an editor jumps to."""
    with pytest.raises(DescriptionError, match="is not YAML") as error:
        load(write, "kind: wide_table\ncolumns: [a\ntimestamp: ts\n")
    assert error.value.line == 3


def test_a_missing_description_is_said_plainly(tmp_path: Path) -> None:
    """No traceback for a typing mistake in --describe."""
    with pytest.raises(DescriptionError, match="cannot be read"):
        load_description(tmp_path / "none.yaml")


def test_a_description_lies_in_the_folder_or_beside_the_file(write: Write, tmp_path: Path) -> None:
    """The file's own comes first."""
    data, shared = write("s/day.csv", ""), write("s/bessline.yaml", "")
    assert find_description(tmp_path) is None
    assert find_description(tmp_path / "s") == shared
    assert find_description(data) == shared
    own = write("s/day.yaml", "")
    assert find_description(data) == own
    assert find_description(own) == shared
