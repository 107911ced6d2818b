"""The YAML that says what alarms there are: thresholds by device, and rules of the user's own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bessline.analytics.alarm_rules import DERIVED, RULES, STANDARD, Comparison, Rule, RuleBook, Severity
from bessline.analytics.derived import matching
from bessline.errors import AlarmFileError
from bessline.signals import TOPICS, catalogue, lookup
from bessline.yaml_file import how_to_write, read_yaml

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_NAME = r"^[a-z][a-z0-9_]{0,39}$"
_BUILT_IN = {rule.name: rule for rule in RULES}
Place = tuple[str | int, ...]
Said = Mapping[str, float | bool | None]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class UserRule(_Model):
    """One rule of the user's own."""

    name: str = Field(pattern=_NAME)
    signal: str
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)
    duration: float = Field(default=0.0, ge=0)
    hysteresis: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    refractory: float = Field(default=600.0, ge=0)
    severity: Severity = "warning"
    description: str | None = Field(default=None, max_length=120)
    devices: tuple[str, ...] | None = Field(default=None, strict=False)

    @field_validator("name")
    @classmethod
    def _is_new(cls, value: str) -> str:
        if value in _BUILT_IN:
            raise ValueError(f"{value} is a rule already; change it under thresholds, or choose another name")
        return value

    @field_validator("signal")
    @classmethod
    def _is_known(cls, value: str) -> str:
        unit_of(value)
        return value

    @field_validator("duration", "refractory", mode="before")
    @classmethod
    def _span(cls, value: object) -> object:
        if isinstance(value, str):
            match = _SPAN.fullmatch(value.strip())
            if match is None:
                raise ValueError("write a span such as 15min, 90s or 2h")
            return float(match[1]) * _SECONDS[match[2]]
        return value

    @property
    def rule(self) -> Rule:
        """As the engine watches it."""
        return Rule(
            name=self.name,
            what=self.description or self.signal,
            signal=self.signal,
            comparison=self.comparison,
            threshold=self.threshold,
            unit=unit_of(self.signal),
            severity=self.severity,
            duration_s=self.duration,
            hysteresis=self.hysteresis,
            refractory_s=self.refractory,
        )


class _File(_Model):
    thresholds: dict[str, float | bool | None] = {}
    devices: dict[str, dict[str, float | bool | None]] = {}
    rules: tuple[UserRule, ...] = Field(default=(), strict=False)


def unit_of(signal: str) -> str:
    """The UCUM code of what a rule watches; ValueError says why there is none such."""
    if signal in DERIVED:
        return DERIVED[signal]
    rows = [row for row in catalogue() if row.topic != "cells"]
    names = [f"{row.topic}.{row.field}" for row in rows]
    units = sorted({rows[n].unit for n in matching(names, signal)})
    if len(units) > 1:
        raise ValueError(f"{signal!r} names signals in {', '.join(units)}; one threshold has one unit")
    if units:
        return units[0]
    topic, _, field = signal.partition(".")
    row = lookup(topic, field)
    if row is not None:
        return row.unit
    if topic == "cells" and "*" in field:
        return "Cel" if "_t" in field else "V"
    if topic == "unclassified" and field:
        return "1"
    near = difflib.get_close_matches(signal, [*names, *DERIVED], n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"write topic.field; topics are {', '.join(TOPICS)}"
    raise ValueError(f"{signal!r} is no signal; {hint}")


def load_alarms(path: Path) -> RuleBook:
    """Read the file.

    Raises
    ------
    AlarmFileError
        naming the file, the line, the rule and the field, and how to write it.
    """
    raw, tree = read_yaml(path, refusal=AlarmFileError)
    if raw is None:
        return STANDARD
    if not isinstance(raw, dict):
        raise AlarmFileError(f"holds no keys; write {', '.join(_File.model_fields)}", path=path)
    try:
        return _book(_File.model_validate(raw))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)[0]
        place = _shown_place(found["loc"])
        raise AlarmFileError(_sentence(place, found), path=path, line=_line(tree, place)) from error
    except _Misplaced as error:
        raise AlarmFileError(str(error), path=path, line=_line(tree, error.place)) from error


class _Misplaced(Exception):
    """What no single field shows to be wrong."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(f"{_key(place)}: {text}")
        self.place = place


def _book(file: _File) -> RuleBook:
    names: dict[str, None] = dict.fromkeys(_BUILT_IN)
    for n, rule in enumerate(file.rules):
        if rule.name in names:
            raise _Misplaced(("rules", n, "name"), f"{rule.name} is there twice")
        names[rule.name] = None
    changed = _thresholds(file.thresholds, names, ("thresholds",))
    by_device = {device: _thresholds(said, names, ("devices", device)) for device, said in file.devices.items()}
    return RuleBook(changed, by_device, tuple((rule.rule, rule.devices) for rule in file.rules))


def _thresholds(
    said: Mapping[str, float | bool | None], names: Mapping[str, None], at: Place
) -> dict[str, float | None]:
    changed: dict[str, float | None] = {}
    for name, value in said.items():
        if name not in names:
            raise _Misplaced((*at, name), f"there is no such rule; {_near(name, list(names))}")
        # YAML reads `off` as false
        if value is True or (isinstance(value, float) and not abs(value) < float("inf")):
            raise _Misplaced((*at, name), "write a number, or off")
        changed[name] = None if value is None or value is False else float(value)
    return changed


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(known)}"


def _sentence(place: Place, found: Any) -> str:
    if found["type"] == "extra_forbidden":
        known = UserRule.model_fields if len(place) > 1 and place[0] == "rules" else _File.model_fields
        return f"{_key(place)}: unknown key; {_near(str(place[-1]), list(known))}"
    if found["type"] == "missing":
        return f"{_key(place)}: is missing"
    return f"{_key(place)}: {how_to_write(found)}"


def _shown_place(loc: Sequence[str | int]) -> Place:
    """Without what pydantic adds for the members of a union."""
    return tuple(part for part in loc if part not in ("float", "bool", "int", "none"))


def _key(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _line(node: yaml.Node | None, place: Place) -> int | None:
    """The line of what stands at `place`, or of the nearest thing around it that is there."""
    for part in place:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
        if inner is None:
            break
        node = inner
    return None if node is None else node.start_mark.line + 1
