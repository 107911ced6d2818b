"""What ``/metrics`` tells: requests by route, the store, the phase, the process. No label names a device or a cell."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.analysis_health import AnalysisCollector
from api.engine import Engine
from api.input_health import InputCollector
from api.stream_metrics import StreamCollector
from bessline import __version__

_METHODS = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LABELS = ("route", "method")
_PHASES = ("loading", "ready", "draining", "failed")


def install(engine: Engine) -> None:
    """Register what every server tells. Others may register more with `engine.metrics`."""
    engine.metrics.register(EngineCollector(engine))
    engine.metrics.register(StreamCollector(lambda: engine.live.figures() if engine.live else None))
    engine.metrics.register(InputCollector(engine))
    engine.metrics.register(AnalysisCollector(engine))
    ProcessCollector(namespace="bess", registry=engine.metrics)


class EngineCollector(Collector):
    """The phase of the engine and what its store holds, read when asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        yield InfoMetricFamily("bess_build", "version of bessline", value={"version": __version__})
        phase = GaugeMetricFamily("bess_phase", "1 for the phase that the server is in", labels=["phase"])
        for name in _PHASES:
            phase.add_metric([name], float(name == self._engine.phase))
        yield phase
        exports = self._engine.exports
        yield GaugeMetricFamily("bess_exports", "exports of whole ranges being made", value=exports.inside)
        yield GaugeMetricFamily("bess_spool_bytes", "bytes of exports made lately", value=exports.spool.bytes)
        if self._engine.managers is None:
            return
        managers = self._engine.managers
        manifest = managers.store.manifest
        yield GaugeMetricFamily("bess_store_devices", "devices in the store", value=len(managers.store.devices))
        yield GaugeMetricFamily("bess_store_generation", "swaps of the store's manifest", value=manifest.generation)
        readings = GaugeMetricFamily("bess_store_readings", "readings in the store", labels=["topic"])
        for topic in managers:
            entries = (device.topics.get(topic) for device in managers.store.devices.values())
            readings.add_metric([topic], sum(entry.rows for entry in entries if entry is not None))
        yield readings


class HttpMetrics:
    """Counts requests to `app`, and how long each took until its answer began (a stream goes on for hours)."""

    def __init__(self, app: ASGIApp, *, engine: Engine) -> None:
        self._app = app
        self._requests = Counter(
            "bess_http_requests", "requests answered", (*_LABELS, "status"), registry=engine.metrics
        )
        self._seconds = Histogram(
            "bess_http_response_start_seconds",
            "seconds until the answer began",
            _LABELS,
            buckets=_BUCKETS,
            registry=engine.metrics,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        except Exception:
            if not status:
                self._count(scope, 500, time.perf_counter() - began)
            raise

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)
