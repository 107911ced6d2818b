"""What descriptions of every kind have in common: cells, zones, and where a value goes. Every mistake names its key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bessline.errors import DescriptionError, SourceError
from bessline.signals import TOPICS, Signal, catalogue, lookup
from bessline.sources.base import SignalId
from bessline.sources.cells import Cells
from bessline.sources.local_time import Ambiguous, check_zone
from bessline.sources.units import Scaling, Unit, unit_of

DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: Stands in a device's name for the name of the file, without its suffix.
FILE_MARK = "{file}"
_FIELD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_NEGATED = ("charge", "export")
_SIGN_WORDS = {"discharge positive": ("charge", "discharge"), "import positive": ("import", "export")}

Positive = Literal["charge", "discharge", "import", "export"]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Described(Model):
    """What the kinds of text have in common."""

    timezone: str | None = None
    prefix: str = ""
    ambiguous: Ambiguous = "infer"
    change_driven: bool = False
    max_age: float = Field(default=6 * 3600.0, gt=0)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", "'", " "] = ""

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
        if self.thousands == self.decimal:
            raise ValueError(f"thousands and decimal are both {self.decimal!r}; they must be told apart")
        return self

    @property
    def cells(self) -> Cells:
        """How the cells of its text files are written."""
        return Cells(self.delimiter, self.decimal, self.thousands)

    @property
    def hold_s(self) -> float | None:
        """How long a value holds where only changes are written; ``None`` where all values are."""
        return self.max_age if self.change_driven else None


class Target(Model):
    """Where a value goes, and how it becomes one of the catalogue's."""

    device: str
    topic: str
    field: str
    scale: float = 1.0
    unit: str | None = None
    positive: Positive | None = None

    @field_validator("device")
    @classmethod
    def _device(cls, value: str) -> str:
        check_device(value.replace(FILE_MARK, "x"))
        return value

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

    def target(self, prefix: str, file: str = FILE_MARK) -> SignalId:
        """The signal that it feeds; `file` is the name of the file, without its suffix."""
        return SignalId(prefix + self.device.replace(FILE_MARK, file), self.topic, self.field)

    def scaling(self) -> Scaling:
        """From the source's numbers to the catalogue's."""
        signal = self.signal
        known = signal is not None and self.unit is not None
        unit = unit_of(self.unit or "", wanted=signal.unit) if known and signal else Unit("1")
        return Scaling(Fraction(str(self.scale)), unit, self.positive in _NEGATED)


def check_device(device_id: str) -> str:
    """Return `device_id` if it fits the pattern of device ids, else raise ValueError."""
    if device_id == "devices":
        raise ValueError("'devices' is the name of a list in the API; call the device otherwise")
    if DEVICE_ID.fullmatch(device_id):
        return device_id
    raise ValueError(
        f"{device_id!r} is no device id; write letters, digits, '.', '_' and '-', at most 64, a letter or digit first"
    )


def _check_positive(target: Target, signal: Signal | None) -> None:
    words = _SIGN_WORDS.get(signal.sign or "") if signal is not None else ("charge", "discharge", "import", "export")
    if words is None:
        raise ValueError(f"positive: {target.topic}.{target.field} has no direction; leave it out")
    if target.positive not in words:
        raise ValueError(f"positive: for {target.topic}.{target.field} write {' or '.join(words)}")


def _known_signal(topic: str, field: str) -> Signal | None:
    if topic not in TOPICS:
        raise ValueError(f"topic {topic!r} is unknown; {nearest(topic, TOPICS)}")
    if not _FIELD.fullmatch(field):
        raise ValueError(f"field {field!r}: write lower-case letters, digits, '_', '.' and '-', at most 64")
    signal = lookup(topic, field)
    if signal is None and topic != "unclassified":
        known = [row.field for row in catalogue() if row.topic == topic]
        raise ValueError(
            f"field {field!r} is unknown in topic {topic}; {nearest(field, known)} "
            "A signal that the catalogue lacks goes to `topic: unclassified`"
        )
    return signal


def nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"write one of {', '.join(known)}."


def checked_target(target: Target, *, prefix: str, file: Path) -> SignalId:
    """The signal that `target` feeds from `file`.

    Raises
    ------
    SourceError
        where the name of the file makes a device id that does not fit.
    DescriptionError
        where the prefix does.
    """
    found = target.target(prefix, file.stem)
    try:
        check_device(found.device_id)
    except ValueError as error:
        if FILE_MARK in target.device:
            raise SourceError(f"{error}; rename the file, or name the device in the description", path=file) from error
        raise DescriptionError(f"prefix: {error}") from error
    return found
