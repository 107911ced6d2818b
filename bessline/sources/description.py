"""The YAML beside the data: what its folders and columns mean. Every mistake in it is named with its key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bessline.errors import DescriptionError, SourceError
from bessline.signals import TOPICS, Signal, catalogue, lookup
from bessline.sources.base import SignalId
from bessline.sources.local_time import Ambiguous, check_zone
from bessline.sources.units import Scaling, Unit, unit_of

DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FILE_NAMES = ("bessline.yaml", "bessline.yml")
_FIELD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_NEGATED = ("charge", "export")
_SIGN_WORDS = {"discharge positive": ("charge", "discharge"), "import positive": ("import", "export")}
_COLUMN_FORMS = "write a column's name, or two unsigned ones: {charge: A, discharge: B} or {import: A, export: B}"

Positive = Literal["charge", "discharge", "import", "export"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class _Described(_Model):
    """What both kinds have."""

    timezone: str | None = None
    prefix: str = ""
    ambiguous: Ambiguous = "infer"
    change_driven: bool = False
    max_age: float = Field(default=6 * 3600.0, gt=0)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return None if value is None else check_zone(value)
        except SourceError as error:
            raise ValueError(error.reason) from None

    @field_validator("max_age", mode="before")
    @classmethod
    def _span(cls, value: object) -> object:
        if isinstance(value, str):
            match = _SPAN.fullmatch(value.strip())
            if match is None:
                raise ValueError("write a span such as 6h, 30min or 90s")
            return float(match[1]) * _SECONDS[match[2]]
        return value

    @model_validator(mode="after")
    def _cells_can_be_told_apart(self) -> Self:
        if self.delimiter == self.decimal:
            raise ValueError("delimiter and decimal are both ','; write `delimiter: ';'`")
        return self

    @property
    def hold_s(self) -> float | None:
        """How long a value holds where only changes are written; ``None`` where all values are."""
        return self.max_age if self.change_driven else None


class SignalFolderDescription(_Described):
    """``kind: signal_folder``: folders of one CSV a signal."""

    kind: Literal["signal_folder"]
    devices: dict[str, str] = {}
    positive: Literal["charge", "discharge"] = "discharge"

    @field_validator("devices")
    @classmethod
    def _ids(cls, value: dict[str, str]) -> dict[str, str]:
        for device_id in value.values():
            check_device(device_id)
        return value


class Column(_Model):
    """One column of a wide table and the signal it feeds."""

    column: tuple[str, str | None]
    device: str
    topic: str
    field: str
    scale: float = 1.0
    unit: str | None = None
    positive: Positive | None = None

    @field_validator("column", mode="before")
    @classmethod
    def _one_or_two(cls, value: object) -> tuple[str, str | None]:
        if isinstance(value, str | int | float):
            return str(value), None
        if isinstance(value, dict):
            for plus, minus in (("discharge", "charge"), ("import", "export")):
                if set(value) == {plus, minus}:
                    return str(value[plus]), str(value[minus])
        raise ValueError(_COLUMN_FORMS)

    @field_validator("device")
    @classmethod
    def _device(cls, value: str) -> str:
        return check_device(value)

    @field_validator("scale")
    @classmethod
    def _scale(cls, value: float) -> float:
        if not 0 < value < float("inf"):
            raise ValueError("write a positive number such as 0.1; a turned sign is `positive: charge`")
        return value

    @model_validator(mode="after")
    def _fits_the_catalogue(self) -> Self:
        signal = self.signal
        if self.positive is not None:
            _check_positive(self, signal)
        if signal is not None and signal.kind == "flag" and (self.scale != 1 or self.unit is not None):
            raise ValueError(f"{self.topic}.{self.field} is a flag, a whole number; it takes no scale or unit")
        self.scaling()
        return self

    @property
    def signal(self) -> Signal | None:
        """The catalogue's row, ``None`` for an unclassified field."""
        return _known_signal(self.topic, self.field)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(name for name in self.column if name is not None)

    def target(self, prefix: str) -> SignalId:
        """The signal that the column feeds."""
        return SignalId(prefix + self.device, self.topic, self.field)

    def scaling(self) -> Scaling:
        """From the column's numbers to the catalogue's."""
        signal = self.signal
        known = signal is not None and self.unit is not None
        unit = unit_of(self.unit or "", wanted=signal.unit) if known and signal else Unit("1")
        return Scaling(Fraction(str(self.scale)), unit, self.positive in _NEGATED)


class WideTableDescription(_Described):
    """``kind: wide_table``: tables with one row an instant and one column a signal."""

    kind: Literal["wide_table"]
    timestamp: str
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _each_signal_once(self) -> Self:
        if not self.columns:
            raise ValueError("columns: is empty; list {column: NAME, device: ID, topic: TOPIC, field: FIELD}")
        seen: set[SignalId] = set()
        for column in self.columns:
            target = column.target("")
            if target in seen:
                raise ValueError(f"columns: two columns feed {target}; one signal has one column")
            seen.add(target)
        return self


Description = SignalFolderDescription | WideTableDescription
_KINDS: dict[str, type[SignalFolderDescription] | type[WideTableDescription]] = {
    "signal_folder": SignalFolderDescription,
    "wide_table": WideTableDescription,
}


def check_device(device_id: str) -> str:
    """Return `device_id` if it fits the pattern of device ids, else raise ValueError."""
    if device_id == "devices":
        raise ValueError("'devices' is the name of a list in the API; call the device otherwise")
    if DEVICE_ID.fullmatch(device_id):
        return device_id
    raise ValueError(
        f"{device_id!r} is no device id; write letters, digits, '.', '_' and '-', at most 64, a letter or digit first"
    )


def _check_positive(column: Column, signal: Signal | None) -> None:
    if column.column[1] is not None:
        raise ValueError("positive: two unsigned columns say it already; leave it out")
    words = _SIGN_WORDS.get(signal.sign or "") if signal is not None else ("charge", "discharge", "import", "export")
    if words is None:
        raise ValueError(f"positive: {column.topic}.{column.field} has no direction; leave it out")
    if column.positive not in words:
        raise ValueError(f"positive: for {column.topic}.{column.field} write {' or '.join(words)}")


def _known_signal(topic: str, field: str) -> Signal | None:
    if topic not in TOPICS:
        raise ValueError(f"topic {topic!r} is unknown; {_nearest(topic, TOPICS)}")
    if not _FIELD.fullmatch(field):
        raise ValueError(f"field {field!r}: write lower-case letters, digits, '_', '.' and '-', at most 64")
    signal = lookup(topic, field)
    if signal is None and topic != "unclassified":
        known = [row.field for row in catalogue() if row.topic == topic]
        raise ValueError(
            f"field {field!r} is unknown in topic {topic}; {_nearest(field, known)} "
            "A signal that the catalogue lacks goes to `topic: unclassified`"
        )
    return signal


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"write one of {', '.join(known)}."


def find_description(path: Path) -> Path | None:
    """The description that lies in the folder `path`, or beside the file `path`."""
    folder, own = (path, []) if path.is_dir() else (path.parent, [path.with_suffix(".yaml"), Path(f"{path}.yaml")])
    candidates = [*own, *(folder / name for name in FILE_NAMES)]
    return next((found for found in candidates if found != path and found.is_file()), None)


def load_description(path: Path) -> Description:
    """Read a description.

    Raises
    ------
    DescriptionError
        naming the file, the key and how to write it.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DescriptionError(f"cannot be read ({error.strerror or error})", path=path) from error
    except UnicodeDecodeError as error:
        raise DescriptionError("is not UTF-8 text", path=path) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "cannot be read"
        line = None if mark is None else mark.line + 1
        raise DescriptionError(f"is not YAML: {problem}", path=path, line=line) from error
    if not isinstance(raw, dict):
        raise DescriptionError("holds no keys; begin with `kind: signal_folder` or `kind: wide_table`", path=path)
    model = _KINDS.get(str(raw.get("kind")))
    if model is None:
        said = f"kind: {raw['kind']!r} is unknown" if "kind" in raw else "kind: is missing"
        raise DescriptionError(f"{said}; write `kind: signal_folder` or `kind: wide_table`", path=path)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        mistakes = [_sentence(mistake, model) for mistake in error.errors(include_url=False, include_context=False)]
        more = f"; and {len(mistakes) - 5} more" if len(mistakes) > 5 else ""
        raise DescriptionError("; ".join(mistakes[:5]) + more, path=path) from error


def _sentence(mistake: Any, model: type[BaseModel]) -> str:
    place: tuple[str | int, ...] = mistake["loc"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    if mistake["type"] == "extra_forbidden":
        owner = Column if len(place) > 1 and place[0] == "columns" else model
        return f"{key}: unknown key; {_nearest(str(place[-1]), list(owner.model_fields))}"
    if mistake["type"] == "missing":
        return f"{key}: is missing"
    text = mistake["msg"].removeprefix("Value error, ")
    return f"{key}: {text}" if key else text
