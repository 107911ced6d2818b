"""What counts as found."""

from bench.accuracy_demo import Found, Told, explains, matches
from bessline.demo.faults import FaultWindow

HOUR_S = 3600
STEP = FaultWindow("sensor_step", {}, {"topic": "cells", "cell": "p1_v2"}, 10 * HOUR_S, 20 * HOUR_S)
COOLING = FaultWindow("cooling_fault", {}, {"topic": "aux", "field": "outwater_temp"}, 10 * HOUR_S, 20 * HOUR_S)


def told(hour: float, where: str) -> Told:
    return Told(hour * HOUR_S, where, {})


def test_only_an_event_at_its_place_and_in_its_time_tells_of_a_fault() -> None:
    assert matches(STEP, told(11, "cells.p1_v2"))
    assert not matches(STEP, told(9, "cells.p1_v2"))
    assert not matches(STEP, told(11, "cells.p1_v3"))


def test_a_consequence_is_explained_but_finds_nothing() -> None:
    warm_air = told(12, "env.temperature")
    assert explains(COOLING, warm_air)
    assert not matches(COOLING, warm_air)
    assert not explains(COOLING, told(12, "cells.p1_v2"))


def test_an_efficiency_is_found_by_the_loss_and_not_by_what_it_warms() -> None:
    window = FaultWindow("pcs_efficiency", {}, {"topic": "pcs", "field": "apparent_power"}, 10 * HOUR_S, 20 * HOUR_S)
    assert matches(window, told(12, "pcs.apparent_power"))
    assert not matches(window, told(12, "pcs.temp_igbt"))
    assert explains(window, told(12, "pcs.temp_igbt"))


def test_a_delay_counts_from_what_can_be_seen() -> None:
    assert Found(STEP, 12.0, 11.0 * HOUR_S, told(11.5, "cells.p1_v2")).delay_s == 1800
    assert Found(STEP, 12.0, 11.0 * HOUR_S, told(10.5, "cells.p1_v2")).delay_s == 0
    assert Found(STEP, 12.0, 11.0 * HOUR_S, None).delay_s is None
    assert Found(STEP, 8.0, None, told(11, "cells.p1_v2")).delay_s is None
