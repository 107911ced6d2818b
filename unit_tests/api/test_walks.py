"""Walks while the store changes under them: each row that was there comes once, in order, however one walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from api.history import _answer
from api.history_query import HistoryQuery, wanted
from bessline import managers
from bessline.managers import BMSDataManager
from bessline.store import Store, ingest
from bessline.store.inlet import Inlet
from bessline.times import rfc3339
from unit_tests.batches import batch_of
from unit_tests.plants import signal_job, source_of

#: What happens between two pages: rows of live input, a file that is taken in, live input that moves into the files.
SECONDS = st.integers(0, 1200)
EVENTS: st.SearchStrategy[tuple[str, list[int]] | None] = st.one_of(
    st.tuples(st.just("post"), st.lists(SECONDS, min_size=1, max_size=4)),
    st.tuples(st.just("ingest"), st.lists(SECONDS, min_size=1, max_size=4)),
    st.just(("seal", [])),
    st.none(),
)


@dataclass
class Changing:
    """A store of one device whose rows are posted and taken in while somebody reads."""

    folder: Path
    store: Store = field(init=False)
    inlet: Inlet = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.ingest(list(range(0, 900, 30)))
        self.store = Store.open(self.folder / "store")
        self.inlet = Inlet(self.store)

    def ingest(self, seconds: list[int]) -> None:
        self.number += 1
        raw = self.folder / f"raw{self.number}"
        job = signal_job(raw, "b1/bms.soc", sorted(set(seconds)), [float(self.number)] * len(set(seconds)))
        ingest([source_of(raw, job, whole_rows=True)], self.folder / "store", workers=0)

    def happen(self, event: tuple[str, list[int]] | None) -> None:
        if event is None:
            return
        kind, seconds = event
        if kind == "post":
            self.number += 1
            self.inlet.write([batch_of("b1", "bms", [(second, {"soc": float(self.number)}) for second in seconds])])
        elif kind == "seal":
            self.inlet.seal(workers=0)
        else:
            self.ingest(seconds)
            self.store.refresh()

    @property
    def manager(self) -> BMSDataManager:
        return BMSDataManager(self.store)

    def stamps(self) -> list[str]:
        """All that there are now."""
        return [rfc3339(int(t)) for t in self.manager.page("b1", limit=10_000).t_ms]


def pages(changing: Changing, size: int) -> Iterator[dict[str, Any]]:
    """Page after page by cursor, as the endpoint gives them."""
    query = HistoryQuery(batch_size=size)
    while True:
        asked = wanted(query, changing.manager, "b1")
        scope = {"type": "http", "headers": [], "path": "/bms/b1"}
        page = orjson.loads(bytes(_answer(Request(scope), changing.manager, asked).body))
        yield page
        if page["next_cursor"] is None:
            return
        query = HistoryQuery(batch_size=size, cursor=page["next_cursor"])


@settings(max_examples=15)
@given(st.lists(EVENTS, max_size=6), st.integers(1, 40))
def test_a_walk_by_cursor_sees_each_row_once_whatever_comes_meanwhile(
    events: list[tuple[str, list[int]] | None], size: int
) -> None:
    with TemporaryDirectory() as folder:
        changing, coming = Changing(Path(folder)), iter(events)
        before, seen = changing.stamps(), list[str]()
        for page in pages(changing, size):
            seen += [row["timestamp"] for row in page["data"]]
            assert page["total_records"] == len(changing.stamps())
            changing.happen(next(coming, None))
        assert seen == sorted(set(seen))
        assert set(before) <= set(seen) <= set(changing.stamps())


@settings(max_examples=12)
@given(st.lists(EVENTS, max_size=6), st.integers(1, 20), st.integers(0, 40))
def test_a_sweep_is_of_one_moment(events: list[tuple[str, list[int]] | None], size: int, skip: int) -> None:
    """What comes while it is under way is not in it."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(managers, "_SWEEP_ROWS", size)
        patch.setattr(managers, "_SWEEP_VALUES", 0)
        changing, coming = Changing(Path(folder)), iter(events)
        whole = changing.manager.page("b1", limit=10_000, skip=skip, ages=True)
        seen = list[dict[str, object]]()
        for part in changing.manager.sweep("b1", skip=skip, ages=True):
            seen += part.rows()
            changing.happen(next(coming, None))
        assert seen == whole.rows()


def test_a_sweep_goes_on_when_its_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ingests remove what the first moment's store was made of: from there on it is the store of now."""
    monkeypatch.setattr(managers, "_SWEEP_ROWS", 10)
    monkeypatch.setattr(managers, "_SWEEP_VALUES", 0)
    changing = Changing(tmp_path)
    before, seen = changing.stamps(), list[str]()
    for part in changing.manager.sweep("b1"):
        seen += [rfc3339(int(t)) for t in part.t_ms]
        if len(seen) == 10:
            for second in (45, 315, 1000):
                changing.happen(("ingest", [second]))
            for path in (tmp_path / "store" / "devices").rglob("*.parquet"):
                if str(path.relative_to(tmp_path / "store")) not in changing.store.manifest.referenced():
                    path.unlink()
    assert seen == sorted(set(seen))
    assert set(before) <= set(seen)
