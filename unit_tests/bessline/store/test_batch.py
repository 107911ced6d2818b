"""Batch: what a request brought survives the journal; many batches of a topic become one without losing their order."""

import math

import numpy as np

from bessline.store.batch import Batch, joined
from unit_tests.batches import batch_of
from unit_tests.plants import MAY_1


def test_a_record_says_what_the_batch_said() -> None:
    """Markers stay markers, an absent field stays absent, and the rule for a new topic is kept."""
    batch = batch_of("b1", "bms", [(0, {"soc": 1.5, "soh": None}), (1, {"soc": -0.0})], whole_rows=False)
    read = Batch.decode(batch.encode())
    assert (read.device_id, read.topic, read.rows, read.whole_rows, read.timezone) == ("b1", "bms", 2, False, None)
    assert list(read.signals) == ["soc", "soh"]
    assert read.signals["soc"].t_ms.tolist() == [MAY_1, MAY_1 + 1000]
    assert [str(value) for value in read.signals["soc"].value.tolist()] == ["1.5", "-0.0"]
    assert math.isnan(read.signals["soh"].value[0])


def test_stamps_are_told_once_and_in_order() -> None:
    """Of all fields together."""
    batch = batch_of("b1", "bms", [(5, {"soc": 1.0}), (2, {"soh": 1.0}), (5, {"soh": 2.0})])
    assert batch.stamps.tolist() == [MAY_1 + 2000, MAY_1 + 5000]
    assert Batch("b1", "bms", {}, rows=0).stamps.tolist() == []


def test_joined_batches_hold_their_rows_in_the_order_they_came() -> None:
    """Of two rows with one stamp the later one must stay later."""
    parts = [
        batch_of("b1", "bms", [(0, {"soc": 1.0})]),
        batch_of("b1", "env", [(0, {"humidity": 9.0})]),
        batch_of("b1", "bms", [(0, {"soc": 2.0, "soh": 3.0})]),
    ]
    bms, env = joined(parts)
    assert bms.signals["soc"].value.tolist() == [1.0, 2.0]
    assert np.array_equal(bms.signals["soh"].value, [3.0])
    assert env.topic == "env"
