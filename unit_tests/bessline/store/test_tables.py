"""Arrow tables: the types of every topic, and nothing invented."""

import numpy as np
import pyarrow as pa
import pytest

from bessline.managers import Managers
from bessline.store.readings import Readings
from bessline.store.tables import schema_of, table_of
from schemas import SERVED_TOPICS


@pytest.mark.parametrize("topic", SERVED_TOPICS)
def test_a_table_holds_what_the_rows_hold(tiny_managers: Managers, topic: str) -> None:
    """Every field of every topic, flags whole numbers, with ages."""
    manager = tiny_managers[topic]
    readings = manager.page(manager.devices()[0], limit=50, skip=10, ages=True)
    table = table_of(readings)
    assert table.schema == schema_of(topic, manager.fields, ages=True)
    assert [row | {"timestamp": ""} for row in table.to_pylist()] == [
        row | {"timestamp": ""} for row in readings.rows()
    ]
    table.validate(full=True)


def test_missing_is_null_and_never_nan() -> None:
    columns = {"fa1_co": np.array([np.nan, 1.0]), "fa1_level": np.array([np.nan, 2.0])}
    table = table_of(Readings("b1", "safety", np.array([1, 2]), columns))
    assert [column.null_count for column in table.columns] == [0, 1, 1]
    assert [str(field.type) for field in table.schema] == ["timestamp[ms, tz=UTC]", "double", "int64"]


def test_a_field_that_nobody_knows_is_a_float() -> None:
    assert schema_of("unclassified", ("door",)).field("door").type == pa.float64()
