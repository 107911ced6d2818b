"""The page without a server: files from `static/`, answers and events from the test, nothing from a network."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route

from api.pages import POLICY
from bessline.signals import BESS_TOPICS, catalogue, fields_of

ORIGIN = "http://stage.test"
STATIC = Path(__file__).parents[2] / "static"
SCRIPT = Path(__file__).with_name("scripted_source.js")
Reading = Mapping[str, object]


def device(device_id: str, *, topics: Sequence[str], fields: Sequence[str] | None = None) -> dict[str, object]:
    """One device as `GET /devices` gives it; `fields` (as "topic.field") narrows what it measures."""
    measured = {
        topic: [field for field in fields_of(topic) if fields is None or f"{topic}.{field}" in fields]
        for topic in topics
    }
    about = {"start": "2024-05-01T00:00:00.000Z", "end": "2024-05-02T00:00:00.000Z", "rows": 2880, "coverage": 1.0}
    return {
        "device_id": device_id,
        "timezone": "Asia/Shanghai",
        "unclassified": [],
        "topics": {topic: {**about, "period_s": 30.0, "fields": names} for topic, names in measured.items()},
    }


UNIT = device("unit-1", topics=BESS_TOPICS)
METER = device("m1", topics=("meter",))


def signals() -> list[dict[str, object]]:
    """The catalogue as `GET /signals` gives it."""
    names = ("topic", "field", "unit", "symbol", "sign", "valid", "aggregation", "kind", "description")
    return [{name: getattr(signal, name) for name in names} for signal in catalogue()]


class Stage:
    """Serves one page from memory and plays its stream."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devices: list[dict[str, object]] = [UNIT, METER]
        self.history: list[Reading] = []
        self.ages_s: dict[str, float] = {}
        #: The analytics are ahead of the plant's clock.
        self.standing: Mapping[str, object] = {
            "analysed_until": "2024-05-02T00:00:00.000Z",
            "evidence": "",
            "states": {},
        }
        #: What `GET /analytics/unit-1/...` has, by resource; and the open alarms.
        self.found: dict[str, Sequence[Mapping[str, object]]] = {}
        self.alarms: Sequence[Mapping[str, object]] = []
        self.series: Sequence[Mapping[str, object]] = []
        self.posted: list[tuple[str, object]] = []
        self.refusals: list[tuple[int, str]] = []
        self.asked: list[str] = []
        page.add_init_script(path=SCRIPT)
        page.route("**/*", self._answer)

    def enter(self, choice: str = "") -> Stage:
        self.page.goto(f"{ORIGIN}/dashboard/{choice}")
        return self

    def start(self, choice: str = "") -> Stage:
        """Enters, and waits until the page has asked for its stream and it is open."""
        self.enter(choice)
        self.page.wait_for_function("() => stage.sources.length > 0")
        self.page.evaluate("() => stage.open()")
        return self

    def send(self, kind: str, data: object, *, event_id: str = "id-1") -> None:
        self.page.evaluate("([kind, data, id]) => stage.send(kind, data, id)", [kind, data, event_id])

    def reading(self, time: str, **values: object) -> None:
        """A reading of unit-1 on 1 May 2024 at `time` (UTC)."""
        self.send("message", {"device_id": "unit-1", "timestamp": f"2024-05-01T{time}.000Z", **values})

    def fail(self, *, for_good: bool = False) -> None:
        self.page.evaluate("(state) => stage.fail(state)", 2 if for_good else 0)

    def chart_points(self) -> str:
        """What the chart tells of itself."""
        return self.page.locator(".canvas").get_attribute("aria-label") or ""

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        assert route.request.url.startswith(ORIGIN), f"a request left the server: {route.request.url}"
        if url.path.startswith("/static/") or url.path == "/dashboard/":
            self._file(route, url.path.removeprefix("/static/") if url.path != "/dashboard/" else "index.html")
            return
        if url.path.startswith(("/analytics/", "/alarms")):
            self._found(route, url.path, parse_qs(url.query))
            return
        self.asked.append(f"{url.path}?{url.query}")
        if self.refusals:
            status, detail = self.refusals.pop(0)
            route.fulfill(status=status, content_type="application/problem+json", body=json.dumps({"detail": detail}))
            return
        route.fulfill(json=self._resource(url.path, parse_qs(url.query)))

    def _resource(self, path: str, query: Mapping[str, list[str]]) -> object:
        if path == "/signals":
            return {"signals": signals()}
        if path == "/devices":
            return {"devices": self.devices}
        if path == "/series":
            return {"series": self.series}
        if "ages" in query:
            return {"data": [{"timestamp": query["start"][0], "ages_s": self.ages_s}]}
        return {"data": self.history}

    def _found(self, route: Route, path: str, query: Mapping[str, list[str]]) -> None:
        if route.request.method == "POST":
            self.posted.append((path, route.request.post_data_json))
            if self.refusals:
                status, detail = self.refusals.pop(0)
                route.fulfill(status=status, json={"detail": detail})
                return
            acknowledged = {"at": "2024-05-01T09:00:00.000Z", "by": None, "comment": None}
            route.fulfill(json={"state": "cleared", "acknowledged": acknowledged})
            return
        if path == "/alarms":
            route.fulfill(json={"alarms": self.alarms, "evidence": None})
            return
        if path.count("/") == 2:
            route.fulfill(json=self.standing)
            return
        events = self.found.get(path.rpartition("/")[2], [])
        due = [event for event in events if str(event.get("timestamp", "")) < query["end"][0]]
        skip = int(query.get("skip", ["0"])[0])
        page = due[skip : skip + int(query["batch_size"][0])]
        route.fulfill(json={"total_records": len(due), "data": page})

    def _file(self, route: Route, name: str) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        route.fulfill(
            body=(STATIC / name).read_bytes(),
            headers={"Content-Type": kind, "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
        )
