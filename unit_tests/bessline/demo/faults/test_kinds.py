"""Choosing faults by name, and finding their places."""

from __future__ import annotations

import pytest

from bessline.demo.faults import KINDS, Fault, choose, place
from bessline.demo.faults.base import FIRST_DAY
from bessline.demo.plant import DAY_S, standard_plant
from bessline.errors import BadParameter


def test_default_is_all_and_none_is_none() -> None:
    """The two words of the command line."""
    assert choose("default") == KINDS
    assert choose("none") == ()


def test_names_are_joined_by_commas() -> None:
    """In any order, with spaces or dashes."""
    assert [kind.name for kind in choose("dropout, weak-cell")] == ["weak_cell", "dropout"]


@pytest.mark.parametrize("text", ["wek_cell", "", "dropout,", "none,dropout"])
def test_an_unknown_name_is_answered_with_the_known_ones(text: str) -> None:
    """A typo costs one look, not a search."""
    with pytest.raises(BadParameter, match="none, default, weak_cell, dropout"):
        choose(text)


def test_no_two_faults_share_a_name() -> None:
    """A name chooses one fault."""
    assert len({kind.name for kind in KINDS}) == len(KINDS) == 8


def spots(fault: Fault) -> list[object]:
    return [window.as_json() for window in fault.windows()]


@pytest.mark.parametrize("seed", range(20))
def test_a_week_by_default_shows_all_but_the_slow_one(seed: int) -> None:
    """Wherever the seed puts them, they fit."""
    faults = place("default", standard_plant(days=7, devices=2, seed=seed))
    assert {fault.name for fault in faults} == {kind.name for kind in KINDS} - {"resistance_rise"}
    assert all(fault.windows() for fault in faults)


def test_two_weeks_show_everything() -> None:
    """Ten days of growth too."""
    assert len(place("default", standard_plant(days=14, devices=1, seed=1))) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_begins_when_the_usual_has_been_seen(kind: type[Fault]) -> None:
    """The weak cell was weak from the start; the others leave the first days alone."""
    for seed in range(30):
        windows = kind(standard_plant(days=30, devices=2, seed=seed)).windows()
        assert windows
        assert all(0 <= window.start_s < window.end_s <= 30 * DAY_S for window in windows)
        assert kind.name == "weak_cell" or windows[0].start_s >= (FIRST_DAY - 1) * DAY_S


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_is_another_place_and_a_longer_span_is_not(kind: type[Fault]) -> None:
    """But for the weak cell, which is always p3_v17."""
    starts = [
        [(window.where, window.start_s) for window in kind(standard_plant(days=30, devices=1, seed=seed)).windows()]
        for seed in range(8)
    ]
    assert all(start == starts[0] for start in starts) == (kind.name == "weak_cell")
    longer = kind(standard_plant(days=60, devices=1, seed=0)).windows()
    assert [(window.where, window.start_s) for window in longer] == starts[0]


def test_a_later_first_day_moves_it_by_whole_days() -> None:
    """So that there is more to learn from before it."""
    plant = standard_plant(days=40, devices=1, seed=1)
    for kind in KINDS[1:]:
        early, late = kind(plant), kind(plant, first_day=FIRST_DAY + 10)
        assert [w.start_s - 10 * DAY_S for w in late.windows()] == [w.start_s for w in early.windows()]


def test_a_named_fault_that_does_not_fit_is_refused_with_the_days_it_needs() -> None:
    """Named by mistake it would be silently missing."""
    with pytest.raises(BadParameter, match="'resistance_rise' needs 13 days and there are 7"):
        place("weak_cell,resistance_rise", standard_plant(days=7, devices=1, seed=1))


def test_a_plant_without_the_place_says_so() -> None:
    """A pack of three cells has no cell 17."""
    with pytest.raises(BadParameter, match="no place for the fault 'weak_cell'"):
        place("weak_cell", standard_plant(days=7, devices=1, seed=1, packs=1, per_pack=3))
