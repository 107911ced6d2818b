"""`EventSource` and `feed.js` in Chromium, on the real server: every reading once, whatever happens to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from unit_tests.bessline.live.plants import small_store
from unit_tests.browser.conftest import Watch
from unit_tests.browser.stage import Stage
from unit_tests.served import AFTER, BEFORE, EVERY, quick_plant
from unit_tests.streams_page import examples

pytestmark = pytest.mark.browser

PATIENCE_MS = 40_000
#: Nothing but EventSource, as a front-end developer would begin.
PLAIN = """([path, interval]) => {
  globalThis.plain = { seen: [], said: [] };
  const source = new EventSource(`${path}/stream?interval=${interval}&fields=soc`);
  source.onmessage = (event) => plain.seen.push(JSON.parse(event.data));
  source.addEventListener("resume", (event) => plain.said.push(JSON.parse(event.data).status));
}"""
FEED = """async ([path, interval]) => {
  globalThis.feed = { seen: [], said: [], fromStream: 0 };
  const { openFeed } = await import("/static/js/feed.js");
  const onEvent = (name, data, source) => {
    if (name === "reading") feed.seen.push(data);
    if (name === "reading" && source === "stream") feed.fromStream += 1;
    if (name === "resume" || name === "lost") feed.said.push(data.status ?? name);
  };
  openFeed(path, { onLink() {}, onEvent, query: { interval, fields: "soc" } });
}"""


def wait_for(page: Page, kind: str, readings: int) -> None:
    page.wait_for_function(f"(n) => {kind}.seen.length >= n", arg=readings, timeout=PATIENCE_MS)


def told(page: Page, kind: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Readings, and what `resume` said."""
    found: list[Any] = page.evaluate(f"() => [{kind}.seen, {kind}.said]")
    return found[0], found[1]


def test_two_kills_cost_no_reading(page: Page, tmp_path: Path) -> None:
    """A plain EventSource catches up after the first; after the second the feed has to fetch history, and does."""
    store = small_store(tmp_path, rows=13_000).store.path
    with quick_plant(store, tmp_path) as plant:
        page.goto(f"{plant.url}/livez")
        for script in (PLAIN, FEED):
            page.evaluate(script, ["/bms/b1", str(EVERY)])
        wait_for(page, "feed", BEFORE)
        plant.restart()
        for kind in ("plain", "feed"):
            wait_for(page, kind, AFTER)
            readings, said = told(page, kind)
            assert said == ["exact"]
            assert readings == plant.truth("bms", "b1", readings)
        before = page.evaluate("() => feed.fromStream")
        plant.restart(ahead_rows=11_000)
        page.wait_for_function("(n) => feed.fromStream >= n", arg=before + BEFORE, timeout=PATIENCE_MS)
        readings, said = told(page, "feed")
        assert said == ["exact", "gap"]
        assert len(readings) > 10_000
        assert readings == plant.truth("bms", "b1", readings)


INBOX = """async (body) => {
  const { createInbox } = await import("/static/js/backfill.js");
  const abort = new AbortController();
  const got = []; const asked = []; const waited = []; const answers = [];
  const readPage = async (path) => {
    asked.push(path);
    const answer = await answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const refusal = (status) => Object.assign(new Error(`status ${status}`), { status });
  const page = (next, ...soc) => ({ device_id: "b1", data: soc.map((value) => ({ soc: value })), next });
  const deliver = (name, data, source) => got.push([name, data.soc ?? null, source]);
  const options = { deliver, historyOf: (resume) => resume.history, signal: abort.signal, readPage };
  const inbox = createInbox({ ...options, pause: async (ms) => waited.push(ms) });
  const gap = { status: "gap", history: "/bms/b1?start=a", from: "a", to: "b" };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  %s
  await settled();
  return { got, asked, waited };
}"""


@pytest.fixture
def inbox(stage: Stage) -> Callable[[str], dict[str, Any]]:
    """Runs a story with an inbox whose history is a list of answers."""
    stage.devices = []
    stage.enter()
    return lambda story: stage.page.evaluate(INBOX % story)


def test_what_comes_behind_a_gap_waits_for_it(inbox: Callable[[str], dict[str, Any]]) -> None:
    """Page after page, each row once, then what the stream said meanwhile, in its order."""
    told = inbox("""answers.push(page("/bms/b1?cursor=c", 1, 2), page(null, 3));
    inbox.take("reading", { soc: 0 }); inbox.take("resume", gap);
    inbox.take("reading", { soc: 4 }); inbox.take("reset", {});
    await settled(); inbox.take("reading", { soc: 5 });""")
    history = [["reading", soc, "history"] for soc in (1, 2, 3)]
    assert told["got"] == [
        ["reading", 0, "stream"],
        ["resume", None, "stream"],
        *history,
        ["reading", 4, "stream"],
        ["reset", None, "stream"],
        ["reading", 5, "stream"],
    ]
    assert told["asked"] == ["/bms/b1?start=a&batch_size=2000", "/bms/b1?cursor=c"]


def test_two_gaps_stay_apart(inbox: Callable[[str], dict[str, Any]]) -> None:
    """A connection that broke again while the first gap was being filled."""
    told = inbox("""answers.push(page(null, 1), page(null, 3));
    inbox.take("resume", gap); inbox.take("reading", { soc: 2 }); inbox.take("resume", gap);
    inbox.take("reading", { soc: 4 });""")
    assert [soc for name, soc, _ in told["got"] if name == "reading"] == [1, 2, 3, 4]


def test_a_server_that_is_away_is_asked_again(inbox: Callable[[str], dict[str, Any]]) -> None:
    """Restarted between two pages: no row is lost, none comes twice."""
    told = inbox("""answers.push(page("/next", 1), refusal(0), refusal(503), page(null, 2));
    inbox.take("resume", gap);""")
    assert [soc for name, soc, _ in told["got"] if name == "reading"] == [1, 2]
    assert told["waited"] == [500, 1000]


def test_what_cannot_be_had_is_lost_by_name(inbox: Callable[[str], dict[str, Any]]) -> None:
    """Never silence; and the stream goes on."""
    told = inbox("""answers.push(refusal(404));
    inbox.take("resume", gap); inbox.take("reading", { soc: 4 });""")
    assert [name for name, *_ in told["got"]] == ["resume", "lost", "reading"]


def test_a_closed_feed_says_no_more(inbox: Callable[[str], dict[str, Any]]) -> None:
    """The visitor has chosen another device: rows that still come are nobody's."""
    told = inbox("""let arrive; answers.push(new Promise((resolve) => { arrive = resolve; }));
    inbox.take("resume", gap); inbox.take("reading", { soc: 4 });
    abort.abort(); arrive(Object.assign(new Error("aborted"), { name: "AbortError" }));""")
    assert [name for name, *_ in told["got"]] == ["resume"]


def resumed_with_a_gap(stage: Stage) -> None:
    stage.start().reading("08:00:00", bms_soc=50, pcs_active_power=1)
    expect(stage.page.locator(".figure").first).to_contain_text("50 %")
    stage.history = [
        {"timestamp": f"2024-05-01T08:0{n}:00.000Z", "bms_soc": 50 + n, "pcs_active_power": 1} for n in (1, 2)
    ]
    span = {"from": "2024-05-01T08:00:00.000Z", "to": "2024-05-01T08:02:30.000Z"}
    history = f"/bess/unit-1?start={span['from']}&end={span['to']}"
    stage.send("resume", {"status": "gap", "missed": 2, **span, "history": history})
    stage.reading("08:03:00", bms_soc=53, pcs_active_power=1)


def test_the_chart_gets_the_rows_of_a_gap(stage: Stage) -> None:
    """Only the fields that it draws are asked for; the keyboard finds the points where they belong."""
    resumed_with_a_gap(stage)
    expect(stage.page.locator(".figure").first).to_contain_text("53 %")
    asked = [path for path in stage.asked if "batch_size=2000" in path]
    assert len(asked) == 1
    assert "fields=bms_soc%2Cpcs_active_power" in asked[0]
    stage.page.locator(".canvas").focus()
    for value in ("53", "52", "51", "50"):
        stage.page.keyboard.press("ArrowLeft")
        expect(stage.page.locator(".legend")).to_contain_text(f"{value} %")


def test_a_gap_that_cannot_be_filled_is_told(stage: Stage) -> None:
    """The page says which readings it does not have."""
    stage.start().reading("08:00:00", bms_soc=50)
    expect(stage.page.locator(".figure").first).to_contain_text("50 %")
    stage.refusals = [(404, "gone")]
    span = {"from": "2024-05-01T08:00:00.000Z", "to": "2024-05-01T08:02:30.000Z"}
    stage.send("resume", {"status": "gap", "missed": 4, **span, "history": "/bess/unit-1?start=x"})
    note = re.compile("from 2024-05-01 16:00:00 to 2024-05-01 16:02:30 could not be fetched")
    expect(stage.page.locator(".moment-note")).to_contain_text(note)


@pytest.mark.parametrize("number", [0, 1], ids=["EventSource", "feed.js"])
def test_the_examples_of_the_docs_run(page: Page, base_url: str, watch: Watch, number: int) -> None:
    """As they stand in docs/streams.md, in any page of the server."""
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    page.goto(f"{base_url}/livez")
    with page.expect_console_message(lambda message: message.text.startswith("reading")):
        page.evaluate(f"async () => {{ {examples('js', base_url)[number]} }}")
    assert [error for error in watch.errors if "404" not in error] == []  # Chromium asks for a favicon.ico
    assert not [line for line in lines if not line.startswith(("reading", "now", "connection", "Failed"))]
