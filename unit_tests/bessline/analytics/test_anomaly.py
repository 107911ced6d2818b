"""The anomaly score of a device."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from bessline.analytics import Event, Reading, Subject
from bessline.analytics.anomaly import AnomalyScore, by_itself
from bessline.analytics.detectors import SINGLE
from bessline.sources.base import Float64
from unit_tests.bessline.analytics import string as string_of_cells

NAMES = ("bms.voltage", "bms.current", "bms.soc", "bms.soh", "pcs.temp_igbt")
PERIOD_S = 900
SUBJECT = Subject("bess1", NAMES, float(PERIOD_S))
DAY = 86_400 // PERIOD_S
LEARNED = 20


def plant(days: int, *, seed: int = 1) -> Float64:
    """float64[ticks, signals] with a daily cycle."""
    random, tick = np.random.default_rng(seed), np.arange(days * DAY)
    wave = np.sin(tick / DAY * 2 * np.pi)
    noise = random.normal(0, 1, (len(tick), 5))
    return np.stack(
        [
            np.round(843 + 10 * wave + noise[:, 0] * 0.5, 1),
            np.round(60 * wave + noise[:, 1] * 2, 1),
            np.round(50 + 40 * wave),
            np.full(len(tick), 99.0),
            np.round(40 + 5 * wave + noise[:, 4], 1),
        ],
        axis=1,
    )


def heard(score: AnomalyScore, values: Iterable[Float64], *, start: int = 0) -> list[Event]:
    """Its events over rows, one every quarter of an hour."""
    return [
        event
        for tick, row in enumerate(values)
        for event in score.update(Reading((start + tick) * PERIOD_S * 1000, row))
    ]


def days_of(events: Sequence[Event]) -> list[float]:
    """When they were, in days since the calm ones."""
    return [event.t_ms / 86_400_000 - LEARNED for event in events]


@cache
def _learned() -> bytes:
    score = AnomalyScore(SUBJECT)
    heard(score, plant(LEARNED))
    return pickle.dumps(score)


def learned() -> AnomalyScore:
    """A score that has seen `LEARNED` calm days."""
    return cast(AnomalyScore, pickle.loads(_learned()))


def after(days: int) -> Float64:
    """The rows of the days that come then."""
    return plant(LEARNED + days)[LEARNED * DAY :]


def test_a_fault_is_said_in_a_sentence_with_the_contracts_words() -> None:
    values = after(1)
    values[:, 0] -= 31
    event, *_ = heard(learned(), values, start=LEARNED * DAY)
    assert list(event.data) == [
        "device_id", "timestamp", "topic", "signal", "score", "threshold", "severity", "value", "expected", "reason",
        "detector", "false_alarms_per_week", "evidence",
    ]  # fmt: skip
    assert (event.data["device_id"], event.data["topic"], event.data["signal"]) == ("bess1", "bms", "voltage")
    assert event.data["threshold"] < event.data["score"] < 1
    assert event.data["reason"].startswith("bms.voltage 8")
    assert " V under " in event.data["reason"]


def test_it_says_how_far_it_has_learned() -> None:
    score = AnomalyScore(SUBJECT)
    assert score.state()["evidence"] == "learning, 0 of 8 blocks of 6 hours"
    assert learned().state()["evidence"] == "4 of 5 channels have learned"


def test_a_constant_signal_never_alarms() -> None:
    score = AnomalyScore(Subject("b", ("bms.soh", "bms.voltage"), float(PERIOD_S)), false_alarms_per_week=28.0)
    assert heard(score, np.full((15 * DAY, 2), 99.0)) == []


def test_a_level_shift_is_recovered_from_within_two_days() -> None:
    values = after(6)
    values[:, 4] += 60
    days = days_of(heard(learned(), values, start=LEARNED * DAY))
    assert any(day < 0.1 for day in days)
    assert not [day for day in days if day >= 2]


@pytest.mark.parametrize("rows", ["missing", "absent"])
def test_a_hole_of_six_hours_is_no_anomaly(rows: str) -> None:
    for begin in range(0, DAY, DAY // 6):
        score, values = learned(), after(2)
        values[begin : begin + DAY // 4] = np.nan
        skipped = begin + DAY // 4 if rows == "absent" else 0
        heard(score, values[:begin] if skipped else [], start=LEARNED * DAY)
        assert heard(score, values[skipped : begin + DAY * 3 // 4], start=LEARNED * DAY + skipped) == []


@cache
def _learned_string() -> bytes:
    """A score that has seen seven days of a healthy string of cells, with all that looks across signals."""
    score = AnomalyScore(string_of_cells.SUBJECT)
    assert [event.data["reason"] for event in fed(score, string_of_cells.string(7))] == []
    return pickle.dumps(score)


def fed(score: AnomalyScore, plant: string_of_cells.String, *, first: int = 0) -> list[Event]:
    """Its events from tick number `first` of the string on."""
    return [event for reading in list(plant.readings())[first:] for event in score.update(reading)]


def test_a_hole_of_six_hours_is_no_anomaly_of_cells_and_relations_either() -> None:
    """While it charges, while it rests, and across the end of a discharge."""
    hour, day = string_of_cells.HOUR, string_of_cells.DAY
    for begin in (9, 13, 18):
        score, plant = pickle.loads(_learned_string()), string_of_cells.string(8)
        plant.values[7 * day + begin * hour : 7 * day + (begin + 6) * hour] = np.nan
        assert fed(score, plant, first=7 * day) == []


def test_a_signal_that_stands_for_ever_is_no_anomaly_while_the_others_move() -> None:
    plant = string_of_cells.string(4)
    for name in ("aux.outside_temp", "cells.p1_t3", "cells.p1_v3"):
        plant[name][:] = plant[name][0] if name.startswith("aux") else np.nan
    events = fed(AnomalyScore(string_of_cells.SUBJECT), plant)
    assert [event.data["reason"] for event in events] == []
    everything = string_of_cells.string(4)
    everything.values[:] = everything.values[0]
    assert fed(AnomalyScore(string_of_cells.SUBJECT), everything) == []


def test_two_signals_that_tell_of_one_cause_are_one_event() -> None:
    values = after(1)
    values[DAY // 2 :, [0, 4]] += 60
    assert len({event.data["signal"] for event in heard(learned(), values, start=LEARNED * DAY)}) == 1


def test_there_is_one_budget_for_all_that_watches() -> None:
    """Half for single signals where others compare, all of it where nothing does; the shares add up to it."""
    alone = AnomalyScore(Subject("m", ("meter.active_power",), 60.0), false_alarms_per_week=2.0)
    assert alone._single_per_week == 2.0
    both = AnomalyScore(string_of_cells.SUBJECT, false_alarms_per_week=2.0)
    shares = [part.per_week for part in both._across.parts]
    assert both._single_per_week + sum(shares) == pytest.approx(2.0)


def test_an_event_says_what_its_limit_rests_on() -> None:
    plant = string_of_cells.string(1)
    plant["cells.p1_v6"][:] -= 0.04
    event, *_ = fed(AnomalyScore(string_of_cells.SUBJECT), plant)
    assert event.data["false_alarms_per_week"] == 0.5
    assert event.data["evidence"] == "limit 8.0 robust standard deviations, checked against 0 of 28 blocks yet"
    values = after(1)
    values[:, 0] -= 31
    event, *_ = heard(learned(), values, start=LEARNED * DAY)
    assert re.fullmatch(r"threshold from 7\d blocks of 6 hours", event.data["evidence"])


def test_idle_days_and_what_follows_them_are_no_anomaly() -> None:
    values = after(9)
    values[: 7 * DAY] = [843.0, 0.0, 50.0, 99.0, 40.0]
    assert len([day for day in days_of(heard(learned(), values, start=LEARNED * DAY)) if day >= 0.1]) <= 1


def test_a_channel_is_raised_again_after_six_hours_at_the_earliest() -> None:
    values = after(1)
    values[::2, 0] -= 200
    alone = {kind.name for kind in SINGLE}
    times: dict[str, list[int]] = {}
    for event in heard(learned(), values, start=LEARNED * DAY):
        if event.data["detector"] in alone:
            times.setdefault(event.data["signal"], []).append(event.t_ms)
    assert "voltage" in times
    assert all(later - sooner >= 6 * 3_600_000 for told in times.values() for sooner, later in pairwise(told))


def test_cells_and_flags_are_not_watched_by_themselves_unless_asked_for() -> None:
    subject = Subject("b", ("cells.p1_v1", "safety.fa1_level", "bms.soc"), 300.0)
    assert list(AnomalyScore(subject, watched=by_itself).scores()) == ["bms.soc"]
    assert len(AnomalyScore(subject, watched=lambda name: True).scores()) == 3
