"""What every analytic and every detector promises; each is found by itself and tested the moment it exists."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import math
import pickle
import pkgutil
import statistics
import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

import numpy as np
import pytest

import bessline.analytics
from bessline.analytics import Analytic, Event, Reading, Subject
from bessline.analytics.alarms import Alarms
from bessline.analytics.detectors import Detector
from unit_tests.bessline.analytics.feeds import DAY_TICKS, SUBJECT, ragged, readings

FEW, MANY = DAY_TICKS // 2, 6 * DAY_TICKS


def _kinds(base: type[Any]) -> Iterator[type[Any]]:
    kind: type[Any]
    for kind in base.__subclasses__():
        yield from _kinds(kind)
        if kind.__module__.startswith("bessline.") and not inspect.isabstract(kind):
            yield kind


for module in pkgutil.walk_packages(bessline.analytics.__path__, "bessline.analytics."):
    importlib.import_module(module.name)
METHODS: list[type[Analytic]] = sorted(set(_kinds(Analytic)), key=lambda kind: kind.__qualname__)
DETECTORS: list[type[Detector]] = sorted(set(_kinds(Detector)), key=lambda kind: kind.__qualname__)
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda kind: kind.__name__)
every_detector = pytest.mark.parametrize("kind", DETECTORS, ids=lambda kind: kind.__name__)


def told(method: Analytic, feed: Iterable[Reading]) -> list[Event]:
    """All events of a feed."""
    return [event for reading in feed for event in method.update(reading)]


def same(left: Any, right: Any) -> bool:
    """Equal, numbers to 1e-9."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(left) and math.isnan(right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def plain(events: Iterable[Event]) -> list[tuple[str, int, dict[str, Any]]]:
    """Events as JSON would carry them."""
    return [(event.name, event.t_ms, dict(event.data)) for event in events]


def test_there_is_something_to_test() -> None:
    assert "AnomalyScore" in {kind.__name__ for kind in METHODS}
    assert len(DETECTORS) >= 6


@pytest.mark.parametrize("method", [kind for kind in METHODS if kind is not Alarms], ids=lambda kind: kind.__name__)
def test_it_is_silent_before_evidence(method: type[Analytic]) -> None:
    """But for alarms: their rules know what is bad from the start."""
    assert told(method(SUBJECT), readings(24)) == []


@every_method
def test_its_words_are_json(method: type[Analytic]) -> None:
    watching = method(SUBJECT)
    json.dumps(watching.state(), allow_nan=False)
    for event in told(watching, ragged(MANY // 2)):
        json.dumps(event.data, allow_nan=False)
        assert event.name == watching.name
    json.dumps(watching.state(), allow_nan=False)


@every_method
def test_to_ask_for_its_state_changes_nothing(method: type[Analytic]) -> None:
    asked, left_alone = method(SUBJECT), method(SUBJECT)
    heard: list[Event] = []
    for reading in readings(FEW):
        heard += asked.update(reading)
        asked.state()
    assert same(plain(heard), plain(told(left_alone, readings(FEW))))
    assert same(dict(asked.state()), dict(left_alone.state()))


@every_method
def test_pickled_it_goes_on_as_if_nothing_had_been(method: type[Analytic]) -> None:
    moved, stayed = method(SUBJECT), method(SUBJECT)
    heard: list[Event] = []
    for tick, reading in enumerate(ragged(MANY // 2)):
        if tick % 211 == 0:
            moved = pickle.loads(pickle.dumps(moved))
        heard += moved.update(reading)
    assert same(plain(heard), plain(told(stayed, ragged(MANY // 2))))
    assert same(dict(moved.state()), dict(stayed.state()))


@every_method
def test_its_memory_is_bounded(method: type[Analytic]) -> None:
    watching = method(SUBJECT)
    told(watching, readings(MANY // 3))
    early = len(pickle.dumps(watching))
    told(watching, readings(MANY - MANY // 3, start=MANY // 3))
    assert len(pickle.dumps(watching)) <= 1.1 * early + 16_384


@every_method
def test_missing_values_holes_and_odd_steps_do_not_stop_it(method: type[Analytic]) -> None:
    told(method(SUBJECT), ragged(MANY // 2, seed=5))


@every_method
@pytest.mark.parametrize("signals", [(), ("unclassified.door",), ("bms.soc",), ("cells.p1_v1",)], ids=str)
def test_it_takes_any_device(method: type[Analytic], signals: tuple[str, ...]) -> None:
    watching = method(Subject("x", signals, 60.0))
    for tick in range(50):
        watching.update(Reading(tick * 60_000, np.full(len(signals), float(tick % 7))))
    json.dumps(watching.state(), allow_nan=False)


@every_method
def test_the_past_does_not_change_when_the_future_comes(method: type[Analytic]) -> None:
    watching = method(SUBJECT)
    first = told(watching, readings(FEW))
    kept = copy.deepcopy(plain(first))
    state = watching.state()
    kept_state = copy.deepcopy(dict(state))
    told(watching, readings(FEW, seed=9, start=FEW))
    assert same(plain(first), kept)
    assert same(dict(state), kept_state)


@every_method
def test_a_tick_costs_the_same_at_any_age(method: type[Analytic]) -> None:
    watching = method(SUBJECT)
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    costs = []
    for reading in readings(MANY):
        before = calls
        sys.setprofile(count)
        watching.update(reading)
        sys.setprofile(None)
        costs.append(calls - before)
    second, last = costs[DAY_TICKS : 2 * DAY_TICKS], costs[-DAY_TICKS:]
    assert statistics.median(last) <= 1.2 * statistics.median(second) + 5


@every_detector
def test_a_score_is_never_negative_and_nothing_at_first(kind: type[Detector]) -> None:
    detector = kind(SUBJECT)
    assert len(set(detector.channels)) == len(detector.channels) > 0
    for tick, reading in enumerate(ragged(MANY // 2)):
        score = detector.score(reading.t_ms, reading.value)
        assert score.shape == (len(detector.channels),)
        assert not (score < 0).any()
        assert not np.isinf(score).any()
        if tick < 12:
            assert np.isnan(score).all()


@every_detector
def test_a_detector_speaks_once_it_has_learned(kind: type[Detector]) -> None:
    detector = kind(SUBJECT)
    scores = np.stack([detector.score(r.t_ms, r.value).copy() for r in readings(MANY)])
    assert np.isfinite(scores[-DAY_TICKS:]).mean() > 0.5


@every_detector
def test_a_detector_explains_itself_and_stays_as_it_was(kind: type[Detector]) -> None:
    detector = kind(SUBJECT)
    for reading in readings(MANY // 2):
        score = detector.score(reading.t_ms, reading.value).copy()
    before = pickle.dumps(detector)
    spoken = [channel for channel in range(len(detector.channels)) if np.isfinite(score[channel])]
    for channel in spoken:
        found = detector.explain(channel)
        assert found.reason
        for number in (found.value, found.expected):
            assert number is None or math.isfinite(number)
    assert pickle.dumps(detector) == before


@every_detector
def test_a_pickled_detector_scores_the_same(kind: type[Detector]) -> None:
    moved, stayed = kind(SUBJECT), kind(SUBJECT)
    for tick, reading in enumerate(ragged(MANY // 2)):
        if tick % 97 == 0:
            moved = pickle.loads(pickle.dumps(moved))
        left, right = (one.score(reading.t_ms, reading.value) for one in (moved, stayed))
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)


@every_detector
def test_the_memory_of_a_detector_is_bounded(kind: type[Detector]) -> None:
    detector = kind(SUBJECT)
    sizes = []
    for tick, reading in enumerate(readings(MANY)):
        detector.score(reading.t_ms, reading.value)
        if tick in (MANY // 3, MANY - 1):
            sizes.append(len(pickle.dumps(detector)))
    assert sizes[1] <= 1.05 * sizes[0] + 4096


@every_detector
def test_a_detector_takes_a_device_without_its_signals(kind: type[Detector]) -> None:
    detector = kind(Subject("x", (), 60.0))
    assert detector.score(0, np.array([])).shape == (len(detector.channels),) == (0,)
