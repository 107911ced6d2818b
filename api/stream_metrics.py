"""Counts of the streams for `/metrics`, read from the player when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bessline.live.player import Figures

_COUNTERS = {
    "published": "readings published by the live clocks",
    "encoded": "readings encoded, once for all who share them",
    "sent": "events handed to connections",
    "sent_bytes": "bytes of these events",
    "merged": "readings merged into a later one",
    "behind": "times a subscriber was too slow, so that its readings were merged",
    "dropped": "events of which a subscriber never heard, not even by a gap",
    "refused": "connections turned away at a cap",
}
_GAUGES = {
    "replays": "private replays and streams being opened",
    "clocks": "live clocks",
    "lag_s": "how much later than due the last tick of a live clock was",
    "high_water_bytes": "most bytes that waited for one subscriber",
}
_LAGS = "how much later than due the ticks of the last minutes were"
_NAMES = {"lag_s": "bess_stream_lag_seconds"}


class StreamCollector(Collector):
    """Figures of a player as metrics; `figures` gives None while there is no player."""

    def __init__(self, figures: Callable[[], Figures | None]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """What the registry asks for."""
        figures = self._figures()
        if figures is None:
            return
        listeners = GaugeMetricFamily("bess_stream_subscribers", "subscribers of live streams", labels=["topic"])
        for topic, count in figures.subscribers.items():
            listeners.add_metric([topic], count)
        yield listeners
        closed = CounterMetricFamily("bess_stream_closed", "live streams closed, by reason", labels=["reason"])
        for reason, count in figures.closed.items():
            closed.add_metric([reason], count)
        yield closed
        for name, text in _COUNTERS.items():
            yield CounterMetricFamily(f"bess_stream_{name}", text, value=getattr(figures, name))
        for name, text in _GAUGES.items():
            yield GaugeMetricFamily(_NAMES.get(name, f"bess_stream_{name}"), text, value=getattr(figures, name))
        lag = GaugeMetricFamily("bess_stream_lag_quantile_seconds", _LAGS, labels=["quantile"])
        for share in (0.5, 0.99, 1.0):
            lag.add_metric([f"{share:g}"], quantile(figures.lags_s, share))
        yield lag


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest rank; 0 of nothing.

    >>> quantile([3.0, 1.0, 2.0], 0.5), quantile([], 0.99)
    (2.0, 0.0)
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
