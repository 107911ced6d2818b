"""A log of findings put there by hand, for the tests of what is served and streamed of it."""

from __future__ import annotations

from collections.abc import Sequence

from api.analysis import Analysis
from bessline.analyst.log import Saved
from bessline.analytics import Event
from bessline.store import Store
from bessline.times import rfc3339


def anomaly(t_ms: int, n: int, device_id: str = "b1") -> Event:
    return Event("anomaly", t_ms, {"device_id": device_id, "timestamp": rfc3339(t_ms), "n": n})


def alarm(t_ms: int, name: str, state: str, device_id: str = "b1") -> Event:
    data = {"device_id": device_id, "alarm_id": name, "state": state, "reason": f"{name} is {state}"}
    return Event("alarm", t_ms, data)


def put(analysis: Analysis, events: Sequence[Event], device_id: str = "b1") -> None:
    """As the analyst would have put it."""
    upto_ms = max(event.t_ms for event in events)
    analysis.log.commit(device_id, events, Saved(upto_ms, len(events), {}, {"anomaly": {"learned": len(events)}}))
    analysis.learn_soon()


def analysis_of(store: Store) -> Analysis:
    return Analysis(store, kept=1000)
