"""Metrics of the streams."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from api.stream_metrics import StreamCollector
from bessline.live.player import Figures

FIGURES = Figures(
    subscribers={"bms": 3, "pcs": 0},
    closed={"bye": 2},
    replays=1,
    published=10,
    encoded=9,
    sent=30,
    merged=4,
    dropped=0,
    behind=2,
    sent_bytes=9000,
    refused=0,
    high_water_bytes=512,
    clocks=1,
    lag_s=0.25,
    lags_s=(0.25, 0.5),
)


def exported(figures: Figures | None) -> str:
    registry = CollectorRegistry()
    registry.register(StreamCollector(lambda: figures))
    return generate_latest(registry).decode()


def test_what_the_player_counts_is_told() -> None:
    """By topic and by reason, in base units."""
    text = exported(FIGURES)
    for line in (
        'bess_stream_subscribers{topic="bms"} 3.0',
        'bess_stream_closed_total{reason="bye"} 2.0',
        "bess_stream_sent_total 30.0",
        "bess_stream_merged_total 4.0",
        "bess_stream_behind_total 2.0",
        "bess_stream_sent_bytes_total 9000.0",
        'bess_stream_lag_quantile_seconds{quantile="0.99"} 0.5',
        "bess_stream_high_water_bytes 512.0",
        "bess_stream_lag_seconds 0.25",
    ):
        assert line in text


def test_without_a_player_there_is_nothing_to_tell() -> None:
    """While the server loads."""
    assert exported(None) == ""
