"""A real Chromium, and a real server of this project for it to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from unit_tests.browser.stage import Stage
from unit_tests.served import Server, free_port, server_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
NO_CHROMIUM = (
    "no Chromium found: install one (Debian: apt-get install chromium), or name it in BESSLINE_CHROMIUM, "
    "or set BESSLINE_NO_BROWSER=1 to leave the browser tests out"
)
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


def find_chromium() -> str | None:
    """The program to drive: the one named, else the first one known."""
    if named := os.environ.get("BESSLINE_CHROMIUM"):
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file: its driver keeps an event loop running, in which no other test could start its own."""
    if os.environ.get("BESSLINE_NO_BROWSER") == "1":
        pytest.skip("BESSLINE_NO_BROWSER=1 leaves the browser tests out")
    program = find_chromium()
    if program is None:
        pytest.fail(NO_CHROMIUM)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page complains of, and where it asks."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def follow(self, page: Page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self.note)

    def note(self, request: Request) -> None:
        self.requests.append(request.url)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A fresh page, in a context of its own, with somebody watching it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    watch.follow(opened)
    yield opened
    context.close()


@pytest.fixture
def stage(page: Page) -> Stage:
    """The page with a scripted server."""
    return Stage(page)


@pytest.fixture(scope="session")
def serve(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """Starts servers of the tiny store; all are gone at the end."""
    servers: list[Server] = []

    def start() -> Server:
        if template := os.environ.get("BESSLINE_TEST_COMMAND"):
            port = free_port()
            server = Server(template.format(port=port).split(), f"http://127.0.0.1:{port}")
        else:
            # a server writes the place of its clock into its store, so each has its own
            store = tmp_path_factory.mktemp("served") / "store"
            shutil.copytree(request.getfixturevalue("tiny_store"), store)
            server = server_of(store)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def base_url(serve: Callable[[], Server]) -> str:
    """The address of a running server that nobody kills."""
    return serve().url
