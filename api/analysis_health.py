"""How the analytics are: whether their process lives, how far behind it is, and what was told of what it found."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.engine import Engine

_DAY_S = 86_400.0


def analysis_health(engine: Engine) -> dict[str, str]:
    """The analytics as a component of ``/readyz``: readings are served whatever becomes of them."""
    if engine.analysis is None:
        detail = "off" if not engine.settings.analytics else "waits for the store"
        return {"status": engine.phase, "detail": detail}
    return {"status": engine.phase, "detail": _detail(engine)}


def _detail(engine: Engine) -> str:
    analysis = engine.analysis
    if analysis is None or analysis.keeper is None:
        return "another server analyses this store"
    if not analysis.keeper.alive:
        return f"the process does not run; it ended {analysis.keeper.deaths} times by itself"
    behind = behind_s(engine)
    begun = len(analysis.standings)
    if not begun:
        return "begins"
    return f"{begun} devices, all seen" if not behind else f"{begun} devices, {behind / _DAY_S:.1f} days still to see"


def behind_s(engine: Engine) -> float:
    """Data time that is still to be seen of the device that is farthest behind."""
    standings = [] if engine.analysis is None else list(engine.analysis.standings.values())
    return max((standing.behind_ms for standing in standings), default=0) / 1000


class AnalysisCollector(Collector):
    """The same for ``/metrics``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The figures of now. Reads the alarms: for a thread."""
        analysis, player = self._engine.analysis, self._engine.live
        if analysis is None or player is None:
            return
        keeper = analysis.keeper
        up, deaths = (0.0, 0) if keeper is None else (float(keeper.alive), keeper.deaths)
        yield GaugeMetricFamily("bess_analytics_up", "1 while the process of the analytics runs", value=up)
        yield CounterMetricFamily("bess_analytics_deaths", "times that it ended by itself", value=deaths)
        text = "data time still to be seen, of the device that is farthest behind"
        yield GaugeMetricFamily("bess_analytics_behind_seconds", text, value=behind_s(self._engine))
        told = CounterMetricFamily("bess_analytics_events", "events told on the streams, by name", labels=["name"])
        for name, count in player.announcer.told.items():
            told.add_metric([name], count)
        yield told
        alarms = GaugeMetricFamily("bess_alarms", "alarms that are not cleared", labels=["state"])
        for state, count in analysis.alarms.counts().items():
            alarms.add_metric([state], count)
        yield alarms
