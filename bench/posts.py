"""kill -9 at random moments of live input: every acknowledged row is in history after the restart, once."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.server import starting
from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import ingest

POSTS, KILLS, CLIENTS = 1000, 20, 4
#: Rows move into the files all the time, so that kills meet that, too.
VARIABLES = {"BESSLINE_JOURNAL_VALUES": "100"}
#: 2026-01-01T00:00:00Z
_BEGIN_S = 1_767_225_600
ROWS = 3


@dataclass
class Tally:
    """What was acknowledged and what is in history, for one device."""

    acknowledged: dict[str, float] = field(default_factory=dict)
    unknown: dict[str, float] = field(default_factory=dict)
    failures: int = 0

    def problems(self, found: list[tuple[str, float]]) -> list[str]:
        """What of `found` (stamp, value) is not as it was acknowledged."""
        held = dict(found)
        lost = [stamp for stamp, value in self.acknowledged.items() if held.get(stamp) != value]
        known = self.acknowledged.keys() | self.unknown.keys()
        invented = [stamp for stamp in held if stamp not in known]
        twice = len(found) - len(held)
        named = {"lost": lost, "invented": invented, "twice": ["?"] * twice}
        return [f"{len(stamps)} {what} ({stamps[0]})" for what, stamps in named.items() if stamps]


class Poster(threading.Thread):
    """Posts `posts` times `ROWS` rows of a device of its own, each until it is acknowledged, then rests `rest_s`."""

    def __init__(self, url: Callable[[], str], number: int, posts: int, *, rest_s: float) -> None:
        super().__init__(daemon=True)
        self.device, self.tally, self.took_s = f"post{number}", Tally(), list[float]()
        self._url, self._posts, self._rest_s = url, posts, rest_s

    def run(self) -> None:
        """Until all is acknowledged."""
        with httpx.Client(timeout=10) as client:
            for post in range(self._posts):
                rows = {_stamp(post * ROWS + n): float(post * ROWS + n) for n in range(ROWS)}
                self.tally.unknown |= rows
                while not self._post(client, rows):
                    time.sleep(0.02)
                self.tally.acknowledged |= rows
                time.sleep(self._rest_s)

    def _post(self, client: httpx.Client, rows: dict[str, float]) -> bool:
        body = [{"timestamp": stamp, "soc": value} for stamp, value in rows.items()]
        began = time.perf_counter()
        try:
            answer = client.post(f"{self._url()}/ingest/{self.device}/bms", json=body)
        except httpx.TransportError:
            self.tally.failures += 1
            return False
        self.took_s.append(time.perf_counter() - began)
        return answer.status_code == httpx.codes.OK


def _stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(_BEGIN_S + second))


def history(url: str, device: str) -> list[tuple[str, float]]:
    """Every stored row of a device, page by page."""
    found: list[tuple[str, float]] = []
    query: dict[str, str | int] = {"fields": "soc", "batch_size": 1000}
    while True:
        page = httpx.get(f"{url}/bms/{device}", params=query).json()
        found += [(row["timestamp"], row["soc"]) for row in page.get("data", ())]
        if not page.get("next_cursor"):
            return found
        query = {"cursor": page["next_cursor"], "batch_size": 1000}


def kill_while_posting(
    store: Path, *, posts: int, kills: int, clients: int, longest_s: float, seed: int = 1
) -> list[Poster]:
    """Post from several clients while the server is killed, at most `longest_s` after each start, and started again.

    It ends with one kill more, after the last acknowledgement.
    """
    random_ = random.Random(seed)
    address = [""]
    rest_s = 0.4 * kills * longest_s * clients / posts
    posters = [Poster(lambda: address[0], number, posts // clients, rest_s=rest_s) for number in range(clients)]
    server, address[0] = starting(store, variables=VARIABLES)
    for poster in posters:
        poster.start()
    for _ in range(kills):
        time.sleep(random_.uniform(0, longest_s))
        server.kill()
        server.wait()
        server, address[0] = starting(store, variables=VARIABLES)
    for poster in posters:
        poster.join(120)
    server.kill()
    server.wait()
    return posters


def verified(store: Path, posters: list[Poster]) -> list[str]:
    """What is wrong in history after another start."""
    server, url = starting(store)
    try:
        return [f"{each.device}: {text}" for each in posters for text in each.tally.problems(history(url, each.device))]
    finally:
        end(server)


def end(server: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and wait."""
    server.send_signal(signal.SIGTERM)
    server.wait(10)


def main(folder: Path) -> None:
    """A thousand posts, twenty kills."""
    store = folder / "posted"
    shutil.rmtree(store, ignore_errors=True)
    if not (folder / "day").exists():
        make_demo(folder / "day", days=1, devices=1, seed=3)
    ingest([open_source(folder / "day")], store)
    began = time.monotonic()
    posters = kill_while_posting(store, posts=POSTS, kills=KILLS, clients=CLIENTS, longest_s=5)
    problems = verified(store, posters)
    rows = sum(len(poster.tally.acknowledged) for poster in posters)
    took = sorted(seconds for poster in posters for seconds in poster.took_s)
    print(
        f"{POSTS} posts of {ROWS} rows from {CLIENTS} clients, {KILLS + 1} kills in {time.monotonic() - began:.0f} s: "
        f"{rows} rows acknowledged, p50 {took[len(took) // 2] * 1000:.1f} ms, "
        f"p99 {took[len(took) * 99 // 100] * 1000:.1f} ms; "
        f"{'; '.join(problems) or 'every acknowledged row is in history, once'}"
    )
