"""The demo's faults: which are found, where, how soon, and how often there is an alarm without a fault.

``python -m bench accuracy-demo``; ``BESSLINE_SEEDS=701,702,703`` names the seeds (none of them used in development),
``BESSLINE_WORKERS`` how many processes share the work.

Each seed runs twice over four weeks: without faults, and with all faults one after the other. A fault counts as visible
from the moment on, after its begin, at which it moves its residual by `VISIBLE` robust standard deviations of that
residual (20-minute means, the week before). How far it moves it is the difference to the same plant with all the other
faults, which the simulation knows exactly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.fault_sizes import VISIBLE, Twins
from bench.plant_readings import PERIOD_S, PlantReadings, second_of
from bessline.analytics.anomaly import AnomalyScore
from bessline.demo.faults import KINDS, Fault, FaultWindow
from bessline.demo.plant import DAY_S, Plant, standard_plant

DAYS, WEEKS = 28, 4
HOUR_S = 3600
#: When each kind may begin, in days, so that one does not hide behind another.
FIRST_DAYS = {"dropout": 9, "stuck_sensor": 11, "sensor_step": 12, "cooling_fault": 14, "pcs_efficiency": 19,
              "resistance_rise": 10, "weak_cell": 0}  # fmt: skip
DEVICES = ("bess1", "m1", "m2")


@dataclass(frozen=True, slots=True)
class Told:
    """An anomaly event: when (seconds from the plant's start), where, and its words."""

    at_s: float
    where: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one fault."""

    window: FaultWindow
    size_sd: float
    visible_s: float | None
    found: Told | None

    @property
    def delay_s(self) -> float | None:
        """From when on it can be seen to the first event; 0 if that came before, None where either never came."""
        if self.found is None or self.visible_s is None:
            return None
        return max(0.0, self.found.at_s - self.visible_s)


def listen(plant: Plant, *, device_id: str, faults: Sequence[Fault] = ()) -> list[Told]:
    """All anomaly events of one device of the plant; a hole of the device counts as told where its rows stop."""
    readings = PlantReadings(plant, device_id=device_id, faults=faults)
    score, told = AnomalyScore(readings.subject), []
    last_s = None
    for reading in readings:
        now_s = second_of(reading.t_ms)
        if last_s is not None and now_s - last_s > HOUR_S:
            told.append(
                Told(last_s + 3 * PERIOD_S, "gap", {"reason": f"no readings for {(now_s - last_s) / 3600:.1f} h"})
            )
        last_s = now_s
        for event in score.update(reading):
            data = event.data
            field = data.get("cell") or data.get("signal")
            told.append(Told(now_s, f"{data['topic']}.{field}", data))
    return told


def placed(plant: Plant, names: Sequence[str]) -> list[Fault]:
    """The faults of these names where the experiment puts them."""
    return [kind(plant, first_day=FIRST_DAYS.get(kind.name, 14)) for kind in KINDS if kind.name in names]


def matches(window: FaultWindow, told: Told) -> bool:
    """Whether an event tells of this fault: within its time and at its place."""
    if not window.start_s <= told.at_s < window.end_s + 2 * HOUR_S:
        return False
    where = window.where
    if window.kind == "dropout" and "topic" not in where:
        return told.where == "gap"
    if window.kind == "cooling_fault":
        return told.where in ("aux.outwater_temp", "aux.return_water_temp", "bms.cell_avg_temp")
    return told.where == f"{where['topic']}.{where.get('cell') or where['field']}"


def explains(window: FaultWindow, told: Told) -> bool:
    """Whether an event is of this fault or a consequence: coolant warms the air too, and a loss the transistors."""
    if window.kind not in ("cooling_fault", "pcs_efficiency"):
        return matches(window, told)
    last_s = min(window.end_s, window.start_s + 7 * DAY_S)
    return window.start_s <= told.at_s < last_s + 12 * HOUR_S and not told.where.startswith("cells.")


def faulty(seed: int) -> tuple[list[Found], list[Told]]:
    """What became of each fault of a plant that has all of them, and the events that tell of none."""
    plant = standard_plant(days=DAYS, devices=1, seed=seed)
    faults = placed(plant, tuple(FIRST_DAYS))
    told, twins = listen(plant, device_id="bess1", faults=faults), Twins(plant, faults)
    found = []
    for window in (window for fault in faults for window in fault.windows()):
        size, visible_s = twins.measure(window)
        found.append(Found(window, size, visible_s, next((each for each in told if matches(window, each)), None)))
    windows = [each.window for each in found]
    return found, [each for each in told if not any(explains(window, each) for window in windows)]


def healthy(seed: int, device_id: str) -> list[Told]:
    """False alarms of one device in four weeks without faults."""
    return listen(standard_plant(days=DAYS, devices=1, seed=seed), device_id=device_id)


def shifted(seed: int) -> tuple[FaultWindow, list[Told]]:
    """The load shift, and what the load's meter told after it."""
    plant = standard_plant(days=DAYS, devices=1, seed=seed)
    faults = placed(plant, ("load_shift",))
    (window,) = faults[0].windows()
    return window, [each for each in listen(plant, device_id="m2", faults=faults) if each.at_s >= window.start_s]


def main(work: Path) -> None:
    """Print the table, a seed at a time."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    seeds = [int(seed) for seed in os.environ.get("BESSLINE_SEEDS", "701,702,703").split(",")]
    workers = int(os.environ.get("BESSLINE_WORKERS", "2"))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        with_faults = [pool.submit(faulty, seed) for seed in seeds]
        without = {(seed, device): pool.submit(healthy, seed, device) for seed in seeds for device in DEVICES}
        shifts = [pool.submit(shifted, seed) for seed in seeds]
        for seed, future in zip(seeds, with_faults, strict=True):
            _print_found(seed, *future.result())
        for (seed, device), alarms in without.items():
            _print_alarms(seed, device, alarms.result())
        _print_sum([found for future in with_faults for found in future.result()[0]])
        _print_rate({device: [len(without[seed, device].result()) for seed in seeds] for device in DEVICES})
        for seed, future_shift in zip(seeds, shifts, strict=True):
            _print_shift(seed, *future_shift.result())


def _print_found(seed: int, found: Sequence[Found], others: Sequence[Told]) -> None:
    print(f"seed {seed}: faults, all in one plant of {DAYS} days")
    print(f"  {'fault':<16}{'size':>8}  {'where':<22}{'visible':>9}{'found':>9}{'delay':>9}  told of")
    for each in found:
        window, told = each.window, each.found
        place = ".".join(part for key, part in window.where.items() if key != "device_id") or window.where["device_id"]
        visible = "never" if each.visible_s is None else f"{each.visible_s / DAY_S:.2f} d"
        at = "never" if told is None else f"{told.at_s / DAY_S:.2f} d"
        delay = "" if each.delay_s is None else f"{each.delay_s / 60:.0f} min"
        words = "" if told is None else f"{told.where}: {told.data['reason']}"
        print(f"  {window.kind:<16}{each.size_sd:>5.1f} SD  {place:<22}{visible:>9}{at:>9}{delay:>9}  {words}")
    print(f"  events that tell of no fault: {len(others)}")
    for told in others:
        print(f"    {told.at_s / DAY_S:6.2f} d  {told.where}: {told.data['reason']}")


def _print_alarms(seed: int, device: str, alarms: Sequence[Told]) -> None:
    print(
        f"seed {seed}: {device}, {WEEKS} weeks without faults: {len(alarms) / WEEKS:.2f} false alarms per device-week"
    )
    for told in alarms:
        print(f"    {told.at_s / DAY_S:6.2f} d  {told.where}: {told.data['reason']}")


def _print_sum(found: Sequence[Found]) -> None:
    """How many of those that the issue asks for were found in time."""
    large = [each for each in found if each.size_sd > VISIBLE]
    soon = [each for each in large if each.delay_s is not None and each.delay_s <= HOUR_S]
    print(f"faults over {VISIBLE:.0f} SD: {len(soon)} of {len(large)} found within an hour")


def _print_rate(alarms: Mapping[str, Sequence[int]]) -> None:
    """False alarms by device, over all seeds."""
    for device, counts in alarms.items():
        weeks = WEEKS * len(counts)
        print(f"{device}: {sum(counts)} false alarms in {weeks} weeks: {sum(counts) / weeks:.2f} a device-week", end="")
        print(f" ({min(counts) / WEEKS:.2f} to {max(counts) / WEEKS:.2f})")


def _print_shift(seed: int, window: FaultWindow, told: Sequence[Told]) -> None:
    late = [each for each in told if each.at_s > window.start_s + 2 * DAY_S]
    print(f"seed {seed}: load +25 % from day {window.start_s // DAY_S}: {len(told)} events, {len(late)} after two days")
    for each in told:
        print(f"    {each.at_s / DAY_S:6.2f} d  {each.where}: {each.data['reason']}")
