"""kill -9 of the server at random moments: what a client saw in the end is what the store holds, each row once."""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bessline.client import Client, Event, Feed
from unit_tests.bessline.live.plants import small_store
from unit_tests.served import EVERY, Plant, quick_plant

KILLS = 20
#: Each fifth kill finds the clock further on than a stream catches up, so that history has to help.
AHEAD_ROWS = 10_500
ROWS = 80_000
#: Readings between a client's return and the next kill, at most; and seconds from the last of them to it, at most.
READINGS, SECONDS = 40, 0.2


def main(folder: Path) -> None:
    """Twenty kills while one client follows one topic."""
    work = folder / "resume"
    shutil.rmtree(work, ignore_errors=True)
    store = small_store(work, rows=ROWS).store.path
    with quick_plant(store, work) as plant, Client(plant.url) as client:
        feed = client.follow("/bms/b1/stream", interval=EVERY, fields=["soc"])
        said: Counter[str] = Counter()
        seen = []
        for event in _killing(plant, feed):
            if event.is_reading:
                seen.append(event.data)
            else:
                said[event.data.get("status", event.name)] += 1
        expected = plant.truth("bms", "b1", seen)
        stamps = {row["timestamp"] for row in seen}
        print(f"{KILLS} kills, {len(seen):,} readings; the server said {dict(said)}")
        print(
            f"lost {len(expected) - len(stamps)}, twice {len(seen) - len(stamps)}, as in the store: {seen == expected}"
        )


def _killing(plant: Plant, feed: Feed) -> Iterator[Event]:
    """The events of the feed, until some readings after the last kill."""
    chance = random.Random(1)
    kills, left = 0, chance.randint(1, READINGS)
    killer: threading.Thread | None = None
    for event in feed.events():
        yield event
        if event.source == "history" or not event.is_reading or (killer is not None and killer.is_alive()):
            continue
        left -= 1
        if left > 0:
            continue
        if kills == KILLS:
            return
        kills, left = kills + 1, chance.randint(1, READINGS)
        ahead = AHEAD_ROWS if kills % 5 == 0 else 0
        killer = threading.Timer(chance.uniform(0, SECONDS), plant.restart, kwargs={"ahead_rows": ahead})
        killer.start()
