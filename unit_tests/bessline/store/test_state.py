"""State: rows in memory over files read exactly like the same rows in files, whatever came in which order."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.managers import Managers
from bessline.signals import BESS_TOPICS
from bessline.store import Store, ingest
from bessline.store.batch import Batch
from unit_tests.batches import batch_of
from unit_tests.plants import MAY_1, signal_job, source_of

VALUES = st.one_of(st.none(), st.integers(0, 9).map(float))
SECONDS = st.integers(0, 900)
#: bms soc and soh on a grid or as whole rows, env humidity to see ``bess`` follow both.
FIELDS = {"bms": ("soc", "soh"), "env": ("humidity",)}


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    topic = draw(st.sampled_from(sorted(FIELDS)))
    values = st.dictionaries(st.sampled_from(FIELDS[topic]), VALUES, min_size=1)
    rows = draw(st.lists(st.tuples(SECONDS, values), min_size=1, max_size=8))
    return batch_of("b1", topic, rows, whole_rows=draw(st.booleans()))


@st.composite
def stored(draw: st.DrawFn) -> dict[str, list[tuple[int, float]]]:
    names = draw(st.sets(st.sampled_from(["bms.soc", "bms.soh", "env.humidity"]), min_size=1))
    rows = st.lists(st.tuples(SECONDS, st.integers(0, 9).map(float)), min_size=1, max_size=12)
    return {name: draw(rows) for name in sorted(names)}


def store_of(folder: Path, signals: dict[str, list[tuple[int, float]]], *, whole_rows: bool) -> Store:
    jobs = [
        signal_job(folder / "raw", f"b1/{name}", [t for t, _ in rows], [value for _, value in rows])
        for name, rows in signals.items()
    ]
    ingest([source_of(folder, *jobs, whole_rows=whole_rows)], folder / "store", workers=0)
    return Store.open(folder / "store")


def merged(signals: dict[str, list[tuple[int, float]]], taken: Iterable[Batch]) -> dict[str, dict[int, float]]:
    """All rows by signal and stamp: the last of each stamp counts."""
    found = {name: {MAY_1 + t * 1000: value for t, value in rows} for name, rows in signals.items()}
    for batch in taken:
        for field, seen in batch.signals.items():
            pairs = zip(seen.t_ms.tolist(), seen.value.tolist(), strict=True)
            found.setdefault(f"{batch.topic}.{field}", {}).update(pairs)
    return found


def value_at(rows: dict[int, float], t_ms: int, tolerance_ms: int) -> float:
    past = [stamp for stamp in rows if stamp <= t_ms]
    return rows[max(past)] if past and t_ms - max(past) <= tolerance_ms else math.nan


def slow(store: Store, rows: dict[str, dict[int, float]], topic: str) -> list[tuple[object, ...]]:
    """The readings of `topic` the obvious way: every instant that could be one, asked one by one."""
    device = store.devices["b1"]
    entry, parts = device.topics[topic], BESS_TOPICS if topic == "bess" else (topic,)
    names = {name: device.signals[name].tolerance_ms(entry.period_s) for name in rows if name.split(".")[0] in parts}
    instants: set[int] = set()
    if topic == "bess":
        for part in (part for part in parts if part in device.topics):
            if entry.whole_rows or device.topics[part].whole_rows:
                instants |= {int(str(row[0])) for row in slow(store, rows, part)}
    elif entry.whole_rows:
        instants = {t_ms for name in names for t_ms in rows[name]}
    if not entry.whole_rows:
        step = round(entry.period_s * 1000)
        reach = max(max(rows[name]) + tolerance for name, tolerance in names.items())
        instants |= set(range(MAY_1 // step * step, reach + 1, step))
    found: list[tuple[object, ...]] = []
    for t_ms in sorted(instants):
        values = tuple(str(value_at(rows[name], t_ms, tolerance)) for name, tolerance in sorted(names.items()))
        if any(value != "nan" for value in values):
            found.append((t_ms, *values))
    return found


def fast(store: Store, topic: str, names: Iterable[str]) -> list[tuple[object, ...]]:
    """The readings of `topic` as the managers give them, five at a time."""
    fields = [name.replace(".", "_") if topic == "bess" else name.split(".")[1] for name in sorted(names)]
    found: list[tuple[object, ...]] = []
    for part in Managers(store)[topic].walk("b1", fields=fields, chunk=5):
        columns = [[str(value) for value in part.columns[field].tolist()] for field in fields]
        found += zip(part.t_ms.tolist(), *columns, strict=True)
    return found


def check(store: Store, rows: dict[str, dict[int, float]]) -> None:
    for topic in store.devices["b1"].topics:
        parts = BESS_TOPICS if topic == "bess" else (topic,)
        names = [name for name in rows if name.split(".")[0] in parts]
        expected = slow(store, rows, topic)
        entry = store.devices["b1"].topics[topic]
        assert entry.rows == len(expected), topic
        if expected:
            assert fast(store, topic, names) == expected, topic
            assert (entry.start_ms, entry.end_ms) == (expected[0][0], expected[-1][0])
            check_positions(store, topic, [int(str(row[0])) for row in expected])


def check_positions(store: Store, topic: str, stamps: list[int]) -> None:
    manager = Managers(store)[topic]
    for t_ms in (stamps[0] - 1, stamps[len(stamps) // 2], stamps[-1] + 1):
        assert manager.count("b1", end_ms=t_ms) == sum(stamp < t_ms for stamp in stamps)
        past = [stamp for stamp in stamps if stamp <= t_ms]
        assert manager.newest("b1", at_ms=t_ms).t_ms.tolist() == past[-1:]
    assert manager.page("b1", skip=len(stamps) // 2, limit=3).t_ms.tolist() == stamps[len(stamps) // 2 :][:3]


@settings(max_examples=25, deadline=None)
@given(stored(), st.booleans(), st.lists(batches(), min_size=1, max_size=6))
def test_rows_in_memory_read_like_rows_in_files(
    signals: dict[str, list[tuple[int, float]]], whole_rows: bool, taken: list[Batch]
) -> None:
    """Late, repeated and missing rows, new signals and new topics: against asking every instant one by one."""
    with TemporaryDirectory() as folder:
        store = store_of(Path(folder), signals, whole_rows=whole_rows)
        for number, batch in enumerate(taken, 1):
            store.take([(number, batch)])
            check(store, merged(signals, taken[:number]))


@settings(max_examples=10)
@given(stored(), st.lists(batches(), min_size=1, max_size=4), SECONDS)
def test_a_version_that_stays_means_that_nothing_changed_before_its_end(
    signals: dict[str, list[tuple[int, float]]], taken: list[Batch], end_s: int
) -> None:
    """And it stays where only what comes later did."""
    end_ms = MAY_1 + end_s * 1000
    with TemporaryDirectory() as folder:
        store = store_of(Path(folder), signals, whole_rows=False)
        for number, batch in enumerate(taken, 1):
            version, rows = store.version_of("b1", end_ms), before(store, end_ms)
            store.take([(number, batch)])
            assert store.version_of("b1", end_ms) != version or before(store, end_ms) == rows
        later = [int(stamp) >= end_ms for batch in taken for stamp in batch.stamps]
        quiet = store.version_of("b1", end_ms) == str(store.manifest.generation)
        assert quiet or not all(later) or set(signals) != {"bms.soc", "bms.soh", "env.humidity"}
        assert store.version_of("other") == str(store.manifest.generation)


def before(store: Store, end_ms: int) -> list[object]:
    """All readings of all topics before `end_ms`."""
    topics = [topic for topic, entry in store.devices["b1"].topics.items() if entry.rows]
    signals = sorted(store.devices["b1"].signals)
    names = {topic: [name for name in signals if topic in ("bess", name.split(".")[0])] for topic in topics}
    rows = [(topic, row) for topic in sorted(topics) for row in fast(store, topic, names[topic])]
    return [(topic, row[0], known(names[topic], row[1:])) for topic, row in rows if int(str(row[0])) < end_ms]


def known(names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    """The values that are there: a signal that begins later is null before, as it was when nobody knew of it."""
    return {name: value for name, value in zip(names, values, strict=True) if value != "nan"}


def test_a_row_is_read_at_once_and_changes_the_version(tmp_path: Path) -> None:
    """A device that nobody knew is there with its first row."""
    store = store_of(tmp_path, {"bms.soc": [(0, 1.0)]}, whole_rows=False)
    before = store.version
    store.take([(1, batch_of("new", "pcs", [(0.5, {"active_power": 5.0})]))])
    assert store.version != before
    assert store.devices["new"].live
    assert not store.devices["b1"].live
    row = Managers(store)["pcs"].page("new").rows()[0]
    assert (row["timestamp"], row["active_power"]) == ("2024-05-01T00:00:00.500Z", 5.0)


def test_a_state_once_taken_never_changes(tmp_path: Path) -> None:
    """Who reads while rows come in sees either all of a batch or nothing."""
    store = store_of(tmp_path, {"bms.soc": [(0, 1.0)]}, whole_rows=True)
    store.take([(1, batch_of("b1", "bms", [(1, {"soc": 2.0})]))])
    state = store.state
    column = state.tails["b1"].columns["bms.soc"]
    store.take([(2, batch_of("b1", "bms", [(0.5, {"soc": 3.0}), (2, {"soc": 4.0})]))])
    assert column.between(0, 2**60)[1].tolist() == [1.0, 2.0]
    assert state.tails["b1"].timelines["bms"].rows == 2
    assert np.array_equal(store.signal("b1", "bms.soc").between(0, 2**60)[1], [1.0, 3.0, 2.0, 4.0])
