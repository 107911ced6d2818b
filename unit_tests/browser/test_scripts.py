"""The pure parts of the page, called one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from unit_tests.browser.stage import Stage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_with_scripts(chromium: Browser) -> Iterator[Stage]:
    """One page for all: the scripts are pure, and a context costs half a second."""
    context = chromium.new_context()
    stage = Stage(context.new_page())
    stage.devices = []
    yield stage.enter()
    context.close()


def run(stage: Stage, module: str, body: str) -> Any:
    """What `body` returns, with the module's exports as `m`."""
    return stage.page.evaluate(f"async () => {{ const m = await import('/static/js/{module}'); {body} }}")


def test_a_gap_longer_than_three_steps_breaks_the_line(page_with_scripts: Stage) -> None:
    """Three steps are a late reading, more is a hole, and a hole is never bridged."""
    body = """const ring = m.createRing({ columns: 1, step_ms: 1000 });
    ring.push(1000, [1]); ring.push(4000, [2]); ring.push(9000, [3]);
    return ring.data(1e9);"""
    assert run(page_with_scripts, "charts/ring.js", body) == [[1, 4, 4.001, 9], [1, 2, None, 3]]


def test_merged_readings_are_further_apart_without_a_break(page_with_scripts: Stage) -> None:
    """A reading that stands for ten is ten steps after the one before it."""
    body = """const ring = m.createRing({ columns: 1, step_ms: 1000 });
    ring.push(1000, [1]); ring.push(11000, [2], 10);
    return ring.data(1e9)[1];"""
    assert run(page_with_scripts, "charts/ring.js", body) == [1, 2]


def test_a_null_is_kept_as_a_break_and_old_points_are_refused(page_with_scripts: Stage) -> None:
    """Neither a missing value nor a step back in time draws anything."""
    body = """const ring = m.createRing({ columns: 2, step_ms: 1000 });
    ring.push(1000, [1, undefined]); const back = ring.push(1000, [9, 9]); ring.push(2000, [null, 0]);
    return [back, ring.data(1e9)];"""
    assert run(page_with_scripts, "charts/ring.js", body) == [False, [[1, 2], [1, None], [None, 0]]]


def test_the_ring_is_bounded(page_with_scripts: Stage) -> None:
    """A page left open for a month must not grow."""
    body = """const ring = m.createRing({ columns: 1, step_ms: 1000, capacity: 100 });
    for (let i = 1; i <= 100000; i += 1) ring.push(i * 1000, [i]);
    return [ring.size() < 400, ring.data(10000)[1].at(-1)];"""
    assert run(page_with_scripts, "charts/ring.js", body) == [True, 100_000]


def test_the_past_goes_in_front_once(page_with_scripts: Stage) -> None:
    """History and stream overlap; each point stands there once, in order."""
    body = """const ring = m.createRing({ columns: 1, step_ms: 1000 });
    ring.push(3000, [3]); ring.push(4000, [4]);
    ring.prepend([[1000, [1]], [2000, [2]], [3000, [30]]]);
    return ring.data(1e9);"""
    assert run(page_with_scripts, "charts/ring.js", body) == [[1, 2, 3, 4], [1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("signal", "value", "text"),
    [
        ("{unit: 'V', kind: 'measure', valid: [1.5, 4.5]}", "3.2754", "3.275 V"),
        ("{unit: 'V', kind: 'measure', valid: [0, 1500]}", "842.04", "842.0 V"),
        ("{unit: 'kW', kind: 'measure', valid: [null, null]}", "-1083.25", "−1,083.3 kW"),
        ("{unit: 'kW', kind: 'measure', valid: [null, null]}", "-0.01", "0.0 kW"),
        ("{unit: '', kind: 'flag', valid: [0, 1]}", "0", "0"),
        ("{unit: '%', kind: 'measure', valid: [0, 100]}", "null", "—"),
    ],
)
def test_numbers_carry_their_unit(page_with_scripts: Stage, signal: str, value: str, text: str) -> None:
    """Millivolts for a cell, a tenth for a string, a real minus, and nothing for nothing."""
    assert run(page_with_scripts, "format.js", f"return m.withUnit({signal}, {value});") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89, "89 s"), (180, "3 min"), (7200, "2 h"), (7500, "2 h 5 min"), (260_000, "3 d")],
)
def test_durations_read_at_a_glance(page_with_scripts: Stage, seconds: float, text: str) -> None:
    """One unit, or two where one would mislead."""
    assert run(page_with_scripts, "format.js", f"return m.duration({seconds});") == text


def test_a_zone_the_browser_does_not_know_falls_back_to_utc(page_with_scripts: Stage) -> None:
    """A device without a zone, or with a wrong one, still has a time."""
    body = "return ['Asia/Shanghai', null, 'Mars/Base'].map((z) => m.createClock(z)).map((c) => [c.zone, c.short(0)]);"
    expected = [["Asia/Shanghai", "08:00:00"], ["UTC", "00:00:00"], ["UTC", "00:00:00"]]
    assert run(page_with_scripts, "format.js", body) == expected


@pytest.mark.parametrize(
    ("pace_s", "silent_s", "state"),
    [(1, 14, "live"), (1, 16, "stale"), (20, 99, "live"), (20, 101, "stale")],
)
def test_staleness_is_measured_against_the_usual_pace(
    page_with_scripts: Stage, pace_s: int, silent_s: int, state: str
) -> None:
    """A meter that speaks every 20 s is not stale after 16."""
    body = f"""const link = {{ phase: 'open', since_ms: 0 }};
    return m.judge({{ link, heard_ms: 1000, expected_s: {pace_s}, now_ms: 1000 + {silent_s} * 1000 }}).state;"""
    assert run(page_with_scripts, "connection.js", body) == state
