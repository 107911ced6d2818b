"""One schema for server, page and documentation: what is served is what it says, field by field."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from bessline.managers import Managers
from bessline.signals import BESS_TOPICS, catalogue, fields_of
from schemas import SERVED_TOPICS, SignalInfo, page_model, reading_model

PLACES = {topic: ("bess1", topic) for topic in SERVED_TOPICS} | {"meter": ("m1", "meter")}


def served_reading(managers: Managers, topic: str, *, ages: bool = False) -> dict[str, Any]:
    device_id, _ = PLACES[topic]
    return managers[topic].page(device_id, limit=1, skip=100, ages=ages).rows()[0]


def fields_in(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if name not in ("timestamp", "ages_s")]


@pytest.mark.parametrize("topic", SERVED_TOPICS)
def test_no_field_drifts(tiny_managers: Managers, topic: str) -> None:
    """A served reading, its schema and the catalogue have the same fields in the same order."""
    bess = [f"{part}_{field}" for part in BESS_TOPICS for field in fields_of(part)]
    catalogued = bess if topic == "bess" else list(fields_of(topic))
    row = served_reading(tiny_managers, topic)
    assert list(row) == ["timestamp", *catalogued]
    assert fields_in(reading_model(topic)) == catalogued == list(tiny_managers[topic].fields)


@pytest.mark.parametrize("topic", SERVED_TOPICS)
def test_a_served_reading_is_what_the_schema_says(tiny_managers: Managers, topic: str) -> None:
    """Strictly: a flag is a whole number, a measure is not."""
    row = served_reading(tiny_managers, topic, ages=True)
    reading_model(topic).model_validate(row, strict=True)
    with pytest.raises(ValidationError):
        reading_model(topic).model_validate(row | {"invented": 1.0})


@pytest.mark.parametrize("topic", SERVED_TOPICS)
def test_every_field_is_documented_with_its_unit(topic: str) -> None:
    schema = page_model(topic).model_json_schema()
    (reading,) = (found for name, found in schema["$defs"].items() if name.endswith("Reading"))
    for name, field in reading["properties"].items():
        if name not in ("timestamp", "ages_s"):
            assert field["unit"], name
            assert field["description"], name


def test_the_catalogue_is_served_whole() -> None:
    for signal in catalogue():
        info = SignalInfo.of(signal)
        assert (info.topic, info.field, info.unit, info.valid) == (
            signal.topic,
            signal.field,
            signal.unit,
            signal.valid,
        )
        assert info.aggregation == signal.aggregation


def test_a_signal_has_the_members_that_the_page_reads() -> None:
    names = ["topic", "field", "unit", "symbol", "sign", "valid", "aggregation", "kind", "description"]
    assert list(SignalInfo.model_fields) == names
