"""The body of a POST to /anomalies/detect, checked: every fault of it is named by its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson

from api.posted_rows import BadRows, Faults, how_instead
from api.times import parse_time
from bessline.detection import Table, Wish
from bessline.detection.history import MOST_ROWS
from bessline.errors import BadParameter
from bessline.sources.base import Float64

STAMP = "timestamp"
MOST_FEATURES, MOST_VALUES, MOST_LIMIT = 1000, 20_000_000, 10_000
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_LONGEST = 64
_ROWS, _HISTORY = ("battery_id", "data"), ("device_id", "start", "end", "fields")
_KNOWN = (*_ROWS, *_HISTORY, "contamination", "thresholds", "limit", "scores")
_CONTAMINATION = 'write a share such as 0.01, above 0 and at most 0.5, or "auto"'
_LARGEST = 1e300
_VALUE_TYPES = {float, int, type(None)}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a stored history: [start_ms, end_ms), None is open; `fields` None for all."""

    device_id: str
    start_ms: int | None
    end_ms: int | None
    fields: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks: of a table that it brings, or of a stored history."""

    of: Table | Span
    wish: Wish
    battery_id: str | None = None


def read_body(body: bytes) -> Asked:
    """What `body` asks.

    Raises
    ------
    BadRows
        naming each fault by its place.
    """
    faults = Faults()
    said = _object(body, faults)
    asked = None if faults.found else _asked(said, faults)
    if asked is None or faults.found:
        raise BadRows(faults.found)
    return asked


def _object(body: bytes, faults: Faults) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        faults.add((), f"the body is not JSON ({error.msg} at character {error.pos}){how_instead(error)}")
        return {}
    if not isinstance(said, dict):
        faults.add((), 'send an object such as {"data": [{"voltage": 3.3}, ...], "contamination": 0.01}')
        return {}
    for name in said.keys() - set(_KNOWN):
        faults.add((name[:_LONGEST],), f"no member {name[:_LONGEST]!r} here; there is {', '.join(_KNOWN)}")
    return said


def _asked(said: dict[str, Any], faults: Faults) -> Asked | None:
    by_rows, by_history = ([name for name in names if said.get(name) is not None] for names in (_ROWS, _HISTORY))
    if by_rows and by_history:
        faults.add(
            (by_history[0],), f"give data, or device_id with start and end; {by_history[0]} belongs to the other"
        )
        return None
    of = _span(said, faults) if by_history else _table(said.get("data"), faults)
    battery = said.get("battery_id")
    if battery is not None and not (isinstance(battery, str) and 0 < len(battery) <= _LONGEST):
        faults.add(("battery_id",), f"battery_id is a text of up to {_LONGEST} characters")
    features = of.features if isinstance(of, Table) else None
    wish = _wish(said, features, faults)
    return None if of is None or wish is None or faults.found else Asked(of, wish, battery)


def _wish(said: dict[str, Any], features: Sequence[str] | None, faults: Faults) -> Wish | None:
    contamination = said.get("contamination", "auto")
    limit, scores = said.get("limit", 1000), said.get("scores", False)
    if contamination != "auto" and not (_is_number(contamination) and 0 < contamination <= 0.5):
        faults.add(("contamination",), f"contamination is {_shown(contamination)}; {_CONTAMINATION}")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_LIMIT:
        faults.add(("limit",), f"limit is {_shown(limit)}; write a whole number from 1 to {MOST_LIMIT}")
    if not isinstance(scores, bool):
        faults.add(("scores",), f"scores is {_shown(scores)}; write true or false")
    thresholds = _thresholds(said.get("thresholds"), features, faults)
    if faults.found:
        return None
    share: float | Literal["auto"] = "auto" if contamination == "auto" else float(contamination)
    return Wish(share, thresholds, limit, scores)


def _thresholds(
    said: Any, features: Sequence[str] | None, faults: Faults
) -> dict[str, tuple[float | None, float | None]]:
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        faults.add(("thresholds",), 'thresholds is an object such as {"voltage": {"min": 2.8, "max": 3.6}}')
        return {}
    found: dict[str, tuple[float | None, float | None]] = {}
    for name, limits in itertools.islice(said.items(), MOST_FEATURES):
        at = ("thresholds", name[:_LONGEST])
        if features is not None and name not in features:
            faults.add(at, f"no row has a value {name[:_LONGEST]!r}")
        elif not isinstance(limits, Mapping) or not limits or limits.keys() - {"min", "max"}:
            faults.add(at, 'write {"min": number, "max": number}, one or both')
        elif not all(value is None or _is_number(value) for value in limits.values()):
            faults.add(at, "min and max are finite numbers")
        elif limits.get("min") is not None and limits.get("max") is not None and limits["min"] > limits["max"]:
            faults.add(at, "min is above max: no value would be good")
        else:
            found[name] = (limits.get("min"), limits.get("max"))
    return found


def _span(said: dict[str, Any], faults: Faults) -> Span | None:
    device, fields = said.get("device_id"), said.get("fields")
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        faults.add(("device_id",), f"device_id is {_shown(device)}; name a device of GET /devices")
    times = [_time(name, said.get(name), faults) for name in ("start", "end")]
    if fields is not None and not (
        isinstance(fields, list) and fields and all(isinstance(name, str) and len(name) <= _LONGEST for name in fields)
    ):
        faults.add(("fields",), 'fields is a list of names such as ["bms_voltage", "bms_current"]')
    if faults.found:
        return None
    if times[0] is not None and times[1] is not None and times[0] >= times[1]:
        faults.add(("end",), "end is not after start")
    return Span(str(device), times[0], times[1], None if fields is None else tuple(dict.fromkeys(fields)))


def _time(name: str, said: Any, faults: Faults) -> int | None:
    if said is None:
        return None
    try:
        return parse_time(name, said if isinstance(said, str) else _shown(said))
    except BadParameter as error:
        faults.add((name,), str(error))
        return None


def _table(rows: Any, faults: Faults) -> Table | None:
    if not isinstance(rows, list) or not rows:
        what = "is missing" if rows is None else "is empty" if rows == [] else f"is {_shown(rows)}"
        faults.add(("data",), f"data {what}; send a list of rows, or device_id with start and end")
        return None
    if len(rows) > MOST_ROWS:
        faults.add(("data",), f"data has {len(rows):,} rows; {MOST_ROWS:,} are allowed at once")
        return None
    if set(map(type, rows)) != {dict}:
        n = next(n for n, row in enumerate(rows) if not isinstance(row, dict))
        faults.add(("data", n), f'a row is an object such as {{"voltage": 3.3}}, not {_shown(rows[n])}')
        return None
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    stamped = names.pop(STAMP, ...) is None
    if not _are_features(names, len(rows), faults):
        return None
    timestamps = [row.get(STAMP) for row in rows] if stamped else None
    if timestamps is not None:
        _check_stamps(timestamps, faults)
    columns = [_column(name, [row.get(name) for row in rows], faults) for name in names]
    if faults.found:
        return None
    return Table(tuple(names), np.stack([column for column in columns if column is not None], axis=1), timestamps)


def _are_features(names: Mapping[str, None], rows: int, faults: Faults) -> bool:
    if not names:
        faults.add(("data",), "no row has a value; each is an object of numbers by name")
    elif len(names) > MOST_FEATURES:
        faults.add(("data",), f"the rows have {len(names):,} different names; {MOST_FEATURES:,} are allowed")
    elif len(names) * rows > MOST_VALUES:
        faults.add(("data",), f"{rows:,} rows of {len(names)} features are more than {MOST_VALUES:,} values")
    elif longest := next((name for name in names if not 0 < len(name) <= _LONGEST), None):
        faults.add(("data",), f"the name {longest[:_LONGEST]!r}... is longer than {_LONGEST} characters")
    elif "" in names:
        faults.add(("data",), "a value has no name")
    return not faults.found


def _check_stamps(timestamps: Sequence[Any], faults: Faults) -> None:
    if (
        set(map(type, timestamps)) <= {str, type(None)}
        and max(map(len, filter(None, timestamps)), default=0) <= _LONGEST
    ):
        return
    for n, stamp in enumerate(timestamps):
        if stamp is not None and not (isinstance(stamp, str) and len(stamp) <= _LONGEST):
            faults.add(("data", n, STAMP), f"{STAMP} is {_shown(stamp)}; it is a text, and only given back")
        if faults.are_many:
            return


def _column(name: str, values: list[Any], faults: Faults) -> Float64 | None:
    """The values of one feature; the types are looked at as a set first, for a million rows pass here."""
    if set(map(type, values)) <= _VALUE_TYPES:
        column = np.array(values, np.float64)
        # so large a number is a mistake, and its differences would not fit into a float
        if not (np.abs(column) > _LARGEST).any():
            return column
    for n, value in enumerate(values):
        if faults.are_many:
            break
        if value is not None and not _is_number(value):
            how = f"write a number up to {_LARGEST:g}, or null where it is missing"
            faults.add(("data", n, name), f"{name} is {_shown(value)}; {how}")
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _shown(said: Any) -> str:
    text = str(orjson.dumps(said), "utf-8", "replace")
    return text if len(text) <= 40 else text[:40] + "..."
