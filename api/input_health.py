"""How live input is: whether it can be written, and which devices fell silent."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.engine import Engine

_NAMED = 5


def input_health(engine: Engine) -> dict[str, str]:
    """Live input as a component of ``/readyz``: failed while rows cannot be written; reading goes on then."""
    if engine.inflow is None or engine.live is None:
        return {"status": engine.phase, "detail": "waits for the store"}
    failure = engine.inflow.inlet.failure
    if failure is not None:
        return {"status": "failed", "detail": f"rows cannot be written: {failure.reason}"}
    figures = engine.live.input_figures()
    if not figures.devices:
        return {"status": engine.phase, "detail": "no device has live input"}
    named = ", ".join(figures.stale[:_NAMED]) + (" and others" if len(figures.stale) > _NAMED else "")
    stale = f"; stale: {named}" if figures.stale else ""
    return {"status": engine.phase, "detail": f"live input from {figures.devices}{stale}"}


class InputCollector(Collector):
    """The same for ``/metrics``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        if self._engine.inflow is None or self._engine.live is None:
            return
        figures = self._engine.live.input_figures()
        devices = GaugeMetricFamily("bess_input_devices", "devices with live input", labels=["state"])
        devices.add_metric(["stale"], len(figures.stale))
        devices.add_metric(["fresh"], figures.devices - len(figures.stale))
        yield devices
        text = "seconds since the last input, of the device that is silent longest"
        yield GaugeMetricFamily("bess_input_age_seconds", text, value=figures.age_s)
        writable = float(self._engine.inflow.inlet.failure is None)
        yield GaugeMetricFamily("bess_input_writable", "1 while rows can be written", value=writable)
        yield CounterMetricFamily(
            "bess_input_commits", "forces of the journal to disk", value=self._engine.inflow.commits
        )
        rows = CounterMetricFamily("bess_input_rows", "rows taken in", labels=["kind"])
        for kind, count in self._engine.inflow.rows.items():
            rows.add_metric([kind], count)
        yield rows
