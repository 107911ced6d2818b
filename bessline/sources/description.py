"""The YAML beside the data: what its folders, columns and entities mean. Every mistake in it is named with its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from bessline.errors import DescriptionError
from bessline.sources.base import SignalId
from bessline.sources.described import Described, Target, check_device, nearest
from bessline.yaml_file import how_to_write, read_yaml

FILE_NAMES = ("bessline.yaml", "bessline.yml")
_COLUMN_FORMS = "write a column's name, or two unsigned ones: {charge: A, discharge: B} or {import: A, export: B}"


class SignalFolderDescription(Described):
    """``kind: signal_folder``: folders of one CSV a signal."""

    kind: Literal["signal_folder"]
    devices: dict[str, str] = Field(default={})
    positive: Literal["charge", "discharge"] = "discharge"

    @field_validator("devices")
    @classmethod
    def _ids(cls, value: dict[str, str]) -> dict[str, str]:
        for device_id in value.values():
            check_device(device_id)
        return value


class Column(Target):
    """One column of a wide table and the signal it feeds."""

    column: tuple[str, str | None]

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

    @model_validator(mode="after")
    def _says_its_sign_once(self) -> Self:
        if self.column[1] is not None and self.positive is not None:
            raise ValueError("positive: two unsigned columns say it already; leave it out")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(name for name in self.column if name is not None)


class WideTableDescription(Described):
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


class Entity(Target):
    """One entity of Home Assistant, or of any list of events, and the signal it feeds."""

    entity: str
    states: dict[str, float] = Field(default={})


class EntityTableDescription(Described):
    """``kind: home_assistant``: one row a change, with the name of what changed. The defaults are its export's."""

    kind: Literal["home_assistant"]
    entity: str = "entity_id"
    state: str = "state"
    timestamp: str = "last_changed"
    change_driven: bool = True
    signals: tuple[Entity, ...]

    @model_validator(mode="after")
    def _each_signal_once(self) -> Self:
        if not self.signals:
            raise ValueError("signals: is empty; list {entity: sensor.x, device: ID, topic: TOPIC, field: FIELD}")
        for what in ("entity", "target"):
            seen: set[object] = set()
            for signal in self.signals:
                key = signal.entity if what == "entity" else signal.target("")
                if key in seen:
                    raise ValueError(f"signals: {key} stands there twice; one signal has one entity")
                seen.add(key)
        return self


Description = SignalFolderDescription | WideTableDescription | EntityTableDescription
_KINDS: dict[str, type[SignalFolderDescription] | type[WideTableDescription] | type[EntityTableDescription]] = {
    "signal_folder": SignalFolderDescription,
    "wide_table": WideTableDescription,
    "home_assistant": EntityTableDescription,
}
_PARTS: dict[str, type[BaseModel]] = {"columns": Column, "signals": Entity}
_HOW_KIND = "write `kind: signal_folder`, `kind: wide_table` or `kind: home_assistant`"


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
    raw, _ = read_yaml(path, refusal=DescriptionError)
    if not isinstance(raw, dict):
        raise DescriptionError(f"holds no keys; {_HOW_KIND}", path=path)
    model = _KINDS.get(str(raw.get("kind")))
    if model is None:
        said = f"kind: {raw['kind']!r} is unknown" if "kind" in raw else "kind: is missing"
        raise DescriptionError(f"{said}; {_HOW_KIND}", path=path)
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
        owner = _PARTS.get(str(place[0]), model) if len(place) > 1 else model
        return f"{key}: unknown key; {nearest(str(place[-1]), list(owner.model_fields))}"
    if mistake["type"] == "missing":
        return f"{key}: is missing"
    text = how_to_write(mistake)
    return f"{key}: {text}" if key else text
