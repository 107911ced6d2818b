"""Records of NEM12, one by one; whole files are in `test_nem12`."""

from __future__ import annotations

import pytest

from bessline.errors import SourceError
from bessline.sources.nem12_records import channel_of, is_number, midnight_ms, records
from unit_tests.bessline.sources.conftest import Write


def test_days_begin_at_midnight_of_the_market() -> None:
    """Ten hours before UTC, in summer and in winter; what is no date is not guessed."""
    assert (midnight_ms("20240101"), midnight_ms("20240701")) == (1_704_031_200_000, 1_719_756_000_000)
    for text in ("20240230", "2024-05-01", ""):
        with pytest.raises(ValueError, match="is no date"):
            midnight_ms(text)


def test_only_import_and_export_are_counted_for_the_net() -> None:
    """Of the registers that the meter has, whichever channel the record is of."""
    channel = channel_of(["200", "NMI1", "E1E2B1Q1", "1", "Q1", "N1", "M", "kVArh", "30", ""])
    assert (sorted(channel.registers), channel.sign) == (["B1", "E1", "E2"], 0)
    assert channel_of(["200", "NMI1", "E1B1", "1", "B1", "N1", "M", "MWh", "5", ""]).sign == -1


def test_a_header_comes_first(write: Write) -> None:
    """Blank lines and a byte order mark before it do no harm."""
    assert [line for line, _ in records(write("a.csv", "\ufeff\n100,NEM12,x\n\n900\n"))] == [2, 4]
    with pytest.raises(SourceError, match="header record"):
        list(records(write("b.csv", "900\n")))


def test_infinity_is_no_number() -> None:
    assert [is_number(cell) for cell in ("1.5", "-2", "inf", "nan", "", "A")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
