"""Rows as a client posts them, checked one by one: all of a request is taken, or nothing, and each fault is named."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from api.times import parse_time, rfc3339
from bessline.errors import BadParameter
from bessline.signals import fields_of, lookup
from bessline.store.batch import Batch, Observed

STAMP = "timestamp"
#: So many faults are named; who sends more has one cause for all.
MOST_FAULTS = 20
_LONGEST = 40
_UNCLASSIFIED = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_NOT_FINITE = re.compile(r"-?(NaN|Infinity)")
_FRACTION = re.compile(r"([.,]\d{3})\d+")
_HOW_STAMP = "write RFC 3339 with Z or an offset, as 2024-05-01T00:00:00Z"
_HOW_VALUE = "write a finite number, or null for an explicit missing marker"
Loc = tuple[str | int, ...]


@dataclass(slots=True)
class Faults:
    """What is wrong with a request, by place."""

    found: list[dict[str, Any]] = field(default_factory=list)

    def add(self, loc: Loc, message: str) -> None:
        self.found.append({"loc": ["body", *loc], "msg": message})

    @property
    def are_many(self) -> bool:
        return len(self.found) >= MOST_FAULTS


class BadRows(Exception):
    """The rows cannot be taken; `errors` says why, as a problem's ``errors``."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(error["msg"] for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, how they are to be read, and the latest stamp (ms) that is believed.

    Rows before `earliest_ms` are not kept any more.
    """

    device_id: str
    topic: str
    whole_rows: bool
    timezone: str | None
    latest_ms: int
    earliest_ms: int = 0


def read_rows(body: bytes, target: Target, *, lines: bool) -> Batch:
    """The batch that `body` holds: a reading or a list of readings, or with `lines` one on each line.

    Raises
    ------
    BadRows
    """
    faults = Faults()
    held: dict[str, list[tuple[int, float, int]]] = {}
    count = 0
    for count, (loc, row) in enumerate(_rows(body, faults, lines=lines), 1):
        for name, stamp, value in _observations(row, loc, target, faults):
            held.setdefault(name, []).append((stamp, value, count - 1))
        if faults.are_many:
            break
    if not count and not faults.found:
        faults.add((), "there is no row; send a reading, a list of readings, or lines of them")
    if faults.found:
        raise BadRows(faults.found)
    signals = {name: _observed(rows) for name, rows in held.items()}
    return Batch(target.device_id, target.topic, signals, count, target.whole_rows, target.timezone)


def how_instead(error: orjson.JSONDecodeError) -> str:
    """What to write instead of what other writers of JSON make of a value that is missing or too large."""
    return "; write null where a value is missing" if _NOT_FINITE.match(error.doc, error.pos) else ""


def _observed(rows: list[tuple[int, float, int]]) -> Observed:
    t_ms, value, row = zip(*rows, strict=True)
    return Observed(np.array(t_ms, np.int64), np.array(value, np.float64), np.array(row, np.int64))


def _rows(body: bytes, faults: Faults, *, lines: bool) -> Iterator[tuple[Loc, Any]]:
    if lines:
        texts = ((n, line) for n, line in enumerate(body.split(b"\n")) if line.strip())
        for n, line in texts:
            try:
                yield (n,), orjson.loads(line)
            except orjson.JSONDecodeError as error:
                faults.add((n,), f"line {n + 1} is not JSON ({error.msg}){how_instead(error)}")
                if faults.are_many:
                    return
        return
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        faults.add((), f"the body is not JSON ({error.msg} at character {error.pos}){how_instead(error)}")
        return
    if isinstance(said, list):
        yield from (((n,), row) for n, row in enumerate(said))
    else:
        yield (), said


def _observations(row: Any, loc: Loc, target: Target, faults: Faults) -> Iterator[tuple[str, int, float]]:
    if not isinstance(row, Mapping):
        faults.add(loc, f'a row is an object such as {{"timestamp": "2024-05-01T00:00:00Z", ...}}, not {_shown(row)}')
        return
    stamp = _stamp(row, loc, target, faults)
    if len(row) - (STAMP in row) == 0:
        faults.add(loc, "the row has no value; give at least one field")
    for name, said in row.items():
        if name == STAMP:
            continue
        value = _value(name, said, loc, target, faults)
        if stamp is not None and value is not None:
            yield name, stamp, value


def _stamp(row: Mapping[str, Any], loc: Loc, target: Target, faults: Faults) -> int | None:
    said = row.get(STAMP)
    if not isinstance(said, str) or len(said) <= len("2024-05-01"):
        what = "is missing" if said is None else f"{_shown(said)} is not a time"
        faults.add((*loc, STAMP), f"{STAMP} {what}; {_HOW_STAMP}")
        return None
    try:
        # a finer fraction is cut off: a value is never dated later than it was observed
        t_ms = parse_time(STAMP, _FRACTION.sub(r"\1", said) if len(said) <= _LONGEST else said)
    except BadParameter as error:
        faults.add((*loc, STAMP), f"{str(error).partition(';')[0]}; {_HOW_STAMP}")
        return None
    if not target.earliest_ms <= t_ms <= target.latest_ms:
        faults.add((*loc, STAMP), _out_of_time(said, t_ms, target.earliest_ms))
        return None
    return t_ms


def _out_of_time(said: str, t_ms: int, earliest_ms: int) -> str:
    if t_ms < 0:
        return f"{STAMP} {said} lies before 1970; check the clock of the sender"
    if t_ms < earliest_ms:
        return f"{STAMP} {said} lies before {rfc3339(earliest_ms)}, from when on rows are kept (retention)"
    return f"{STAMP} {said} lies too far ahead of this machine's clock (BESSLINE_INGEST_AHEAD); check both clocks"


def _value(name: str, said: Any, loc: Loc, target: Target, faults: Faults) -> float | None:
    signal = lookup(target.topic, name)
    if signal is None and not (target.topic == "unclassified" and _UNCLASSIFIED.fullmatch(name)):
        faults.add((*loc, name[:_LONGEST]), _other_field(name, target.topic))
        return None
    if said is None:
        return np.nan
    if isinstance(said, bool) or not isinstance(said, int | float) or not abs(said) < np.inf:
        faults.add((*loc, name), f"{name} is {_shown(said)}; {_HOW_VALUE}")
        return None
    if signal is not None and signal.kind == "flag" and said != int(said):
        faults.add((*loc, name), f"{name} is a flag, and {_shown(said)} is no whole number")
        return None
    return float(said)


def _other_field(name: str, topic: str) -> str:
    if topic == "cells":
        return f"no cells field {name[:_LONGEST]!r}; cells are p1_v1, p1_t1 and so on (pack, then cell)"
    if topic == "unclassified":
        how = "write lower-case letters, digits, '_', '.' and '-', a letter or digit first, at most 64"
        return f"{name[:_LONGEST]!r} cannot be a field; {how}"
    known = fields_of(topic)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there is {', '.join(known)}"
    return f"no {topic} field {name[:_LONGEST]!r}; {hint}"


def _shown(said: Any) -> str:
    text = str(orjson.dumps(said), "utf-8", "replace")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
