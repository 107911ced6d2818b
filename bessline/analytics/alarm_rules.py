"""The rules that raise alarms: those that every device has, as data, and what a rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Comparison = Literal[">", ">=", "<", "<="]
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")

#: Quantities that `bessline.analytics.derived` works out from several signals, and their units as UCUM codes.
DERIVED = {
    "derived.cell_temp_spread": "Cel",
    "derived.cell_voltage_spread": "V",
    "derived.coolant_difference": "Cel",
    "derived.pcs_efficiency_drop": "%",
    "derived.round_trip_drop": "%",
    "derived.silence": "s",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name: of the alarm, lower case. what: the quantity in words.
    signal: a stored signal (``topic.field``) or a derived one; ``*`` stands for any part, and the worst of them counts.
    comparison, threshold: when it is bad, in the signal's unit. NaN is neither good nor bad.
    duration_s: for so long without a good value before it is raised.
    hysteresis: so far back beyond the threshold before it is cleared.
    refractory_s: not raised again for so long after it was cleared.
    unit: UCUM code.
    """

    name: str
    what: str
    signal: str
    comparison: Comparison
    threshold: float
    unit: str
    severity: Severity = "warning"
    duration_s: float = 0.0
    hysteresis: float = 0.0
    refractory_s: float = 600.0

    @property
    def sign(self) -> float:
        """1 where high values are bad, -1 where low ones are."""
        return 1.0 if self.comparison.startswith(">") else -1.0

    def is_bad(self, value: float) -> bool:
        """Whether `value` is beyond the threshold."""
        over = self.sign * (value - self.threshold)
        return over >= 0 if self.comparison.endswith("=") else over > 0

    def is_good(self, value: float) -> bool:
        """Whether `value` is back by the hysteresis. NaN is neither bad nor good."""
        return not self.is_bad(value) and self.sign * (value - self.threshold) <= -self.hysteresis


#: What every device is watched for, where it has the signals. `docs/alarms.md` has the same table.
RULES = (
    Rule("smoke", "smoke detector", "safety.fa*_smoke_flag", ">=", 1, "1", "critical", refractory_s=0),
    Rule("carbon_monoxide", "carbon monoxide", "safety.fa*_co", ">", 50, "[ppm]", "critical", hysteresis=10),
    Rule("cell_hot", "hottest cell", "bms.cell_max_temp", ">", 45, "Cel", "critical", 60, 2),
    Rule("igbt_hot", "power transistors", "pcs.temp_igbt", ">", 80, "Cel", "warning", 60, 5, 3600),
    Rule("cell_temp_spread", "cell temperature spread", "derived.cell_temp_spread", ">", 10, "Cel", "warning", 900, 1),
    Rule("cell_voltage_spread", "cell voltage spread at the end of charge over 3 cycles",
         "derived.cell_voltage_spread", ">", 0.05, "V", "warning", 0, 0.005),
    Rule("coolant_difference", "coolant difference", "derived.coolant_difference", ">", 8, "Cel", "warning", 60, 1),
    Rule("pcs_efficiency_drop", "drop of the PCS efficiency in 7 days",
         "derived.pcs_efficiency_drop", ">", 2, "%", "warning", 0, 0.5),
    Rule("round_trip_drop", "drop of the round-trip efficiency in 30 days",
         "derived.round_trip_drop", ">", 5, "%", "warning", 0, 1),
    Rule("soc_low", "state of charge", "bms.soc", "<", 20, "%", "info", 0, 2),
    Rule("stale", "silence of a topic", "derived.silence", ">", 900, "s", "warning", refractory_s=0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of every device.

    `changed` thresholds hold for all devices, those of `by_device` for one, over them; None switches a rule off. `own`
    rules are the user's, each with the devices that it is for (None: all).
    """

    changed: Mapping[str, float | None]
    by_device: Mapping[str, Mapping[str, float | None]]
    own: tuple[tuple[Rule, tuple[str, ...] | None], ...] = ()

    @property
    def devices(self) -> set[str]:
        """Those that are named."""
        return {*self.by_device, *(device for _, devices in self.own for device in devices or ())}

    def of(self, device_id: str) -> tuple[Rule, ...]:
        """The rules of one device.

        >>> [rule.threshold for rule in RuleBook({"soc_low": 10.0}, {}).of("bess1") if rule.name == "soc_low"]
        [10.0]
        """
        changes = {**self.changed, **self.by_device.get(device_id, {})}
        mine = [rule for rule, devices in self.own if devices is None or device_id in devices]
        rules = [(rule, changes.get(rule.name, rule.threshold)) for rule in (*RULES, *mine)]
        return tuple(replace(rule, threshold=threshold) for rule, threshold in rules if threshold is not None)


#: Where nobody said anything else.
STANDARD = RuleBook({}, {})
