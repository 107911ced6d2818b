"""The page on the real server: the story of acceptance."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from unit_tests.browser.conftest import Watch
from unit_tests.served import Server

pytestmark = pytest.mark.browser


def test_the_first_device_is_live_and_moving(page: Page, base_url: str, watch: Watch) -> None:
    """Two different moments of the plant pass before the visitor's eyes, and nothing is asked elsewhere."""
    answer = page.goto(f"{base_url}/dashboard/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    expect(page.locator("#connection-state")).to_have_text("Live")
    expect(page.locator(".figure[data-field='bms.soc'] .figure-value")).to_have_text(re.compile(r"^\d"))
    moment = page.locator("#plant-time").inner_text()
    expect(page.locator("#plant-time")).not_to_have_text(moment)
    expect(page.locator(".canvas")).to_have_attribute("aria-label", re.compile(r"State of charge \d+"))
    assert watch.errors == []
    assert [url for url in watch.requests if not url.startswith((base_url, "data:"))] == []


def test_the_stream_comes_packed(page: Page, base_url: str) -> None:
    """A browser can undo zstd, event by event."""
    with page.expect_response(re.compile("/stream")) as found:
        page.goto(f"{base_url}/dashboard/")
    assert found.value.header_value("content-encoding") == "zstd"
    moment = page.locator("#plant-time")
    expect(moment).to_have_text(re.compile(r"\d"))
    expect(moment).not_to_have_text(moment.inner_text())


def test_pause_freezes_the_plant_and_says_so(page: Page, base_url: str) -> None:
    """While readings keep coming, what is shown stays."""
    page.goto(f"{base_url}/dashboard/")
    expect(page.locator("#connection-state")).to_have_text("Live")
    page.get_by_role("button", name="Pause").click()
    held = page.locator("#plant-time").inner_text()
    expect(page.locator("#connection-detail")).to_contain_text(re.compile(r"[2-9] newer readings wait"))
    assert page.locator("#plant-time").inner_text() == held
    expect(page.locator("#connection-state")).to_have_text("Paused")


def test_another_device_shows_other_values(page: Page, base_url: str) -> None:
    """The choice changes the name, the stream and the figures: a meter has no state of charge."""
    page.goto(f"{base_url}/dashboard/")
    expect(page.locator(".figure[data-field='bms.soc']")).to_be_visible()
    meter = page.locator("#device optgroup[label='Meters'] option").first.get_attribute("value")
    page.locator("#device").select_option(meter)
    expect(page.locator(".figure[data-field='meter.active_power'] .figure-value")).to_have_text(re.compile(r"\d"))
    expect(page.locator(".figure[data-field='bms.soc']")).to_have_count(0)
    expect(page.locator("#connection-state")).to_have_text("Live")


def test_a_killed_server_is_reconnecting_and_comes_back(page: Page, serve: Callable[[], Server]) -> None:
    """`kill -9`, then the same address again: the page needs nobody's hand."""
    server = serve()
    page.goto(f"{server.url}/dashboard/")
    expect(page.locator("#connection-state")).to_have_text("Live")
    server.kill()
    expect(page.locator("#connection-state")).to_have_text("Reconnecting")
    server.start()
    expect(page.locator("#connection-state")).to_have_text("Live")
    server.kill()


@pytest.mark.parametrize(("path", "mark"), [("/docs", ".swagger-ui .opblock"), ("/redoc", "#description h1")])
def test_the_api_pages_work_without_a_network(page: Page, base_url: str, watch: Watch, path: str, mark: str) -> None:
    """Documentation that needs the net is none on a plant's own network."""
    page.goto(f"{base_url}{path}")
    expect(page.locator(mark).first).to_be_visible()
    assert watch.errors == []
    assert [url for url in watch.requests if not url.startswith((base_url, "data:"))] == []
