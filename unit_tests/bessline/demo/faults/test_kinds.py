"""Choosing faults by name."""

from __future__ import annotations

import pytest

from bessline.demo.faults import KINDS, choose
from bessline.errors import BadParameter


def test_default_is_all_and_none_is_none() -> None:
    """The two words of the command line."""
    assert [type(fault) for fault in choose("default")] == list(KINDS)
    assert choose("none") == ()


def test_names_are_joined_by_commas() -> None:
    """In any order, with spaces or dashes."""
    assert [fault.name for fault in choose("dropout, weak-cell")] == ["weak_cell", "dropout"]


@pytest.mark.parametrize("text", ["wek_cell", "", "dropout,", "none,dropout"])
def test_an_unknown_name_is_answered_with_the_known_ones(text: str) -> None:
    """A typo costs one look, not a search."""
    with pytest.raises(BadParameter, match="none, default, weak_cell, dropout"):
        choose(text)


def test_no_two_faults_share_a_name() -> None:
    """A name chooses one fault."""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
