"""What loggers write down."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.channels import Channel
from bessline.demo.plant import DAY_S, STEPS
from bessline.demo.recorder import Recorder, sample

SOC = Channel("bms1_soc", "soc", 0)


def test_an_edge_signal_is_read_between_its_edges() -> None:
    """A register moves on within a step; a power does not."""
    edges = np.linspace(0, 1, STEPS + 1)
    assert sample(edges, np.array([15]), steps=STEPS)[0] == pytest.approx(1.5 / STEPS)
    assert sample(edges[:-1], np.array([15]), steps=STEPS)[0] == edges[1]


def test_values_are_rounded_as_the_channel_says() -> None:
    """41.4 % reads 41, and a small negative zero reads 0."""
    for level, shown in ((41.4, 41.0), (-0.2, 0.0)):
        recorder = Recorder("bess1", channels=(SOC,), seed=1, faults=())
        ((_, rows),) = recorder.record({"soc": np.full(STEPS, level)}, day=0)
        assert set(rows.value.tolist()) == {shown}
        assert not np.signbit(rows.value).any()


def test_days_go_on_where_they_stopped() -> None:
    """Stamps rise across midnight, by about a step."""
    recorder = Recorder("bess1", channels=(SOC,), seed=1, faults=())
    days = [next(iter(recorder.record({"soc": np.full(STEPS, 50.0)}, day=day)))[1] for day in range(2)]
    assert days[1].t_s[0] >= DAY_S > days[0].t_s[-1]
    assert (np.diff(days[1].t_s) > 0).all()


@pytest.mark.parametrize("other", [1, 2])
def test_a_device_has_its_own_loggers(other: int) -> None:
    """Two devices, or two seeds, write at other times."""
    devices = ("bess1", "bess2" if other == 1 else "bess1")
    first, second = (
        next(iter(Recorder(name, channels=(SOC,), seed=seed, faults=()).record({"soc": np.ones(STEPS)}, day=0)))[1]
        for name, seed in zip(devices, (1, other), strict=True)
    )
    assert first.t_s[:50].tolist() != second.t_s[:50].tolist()
