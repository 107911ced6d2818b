"""What a table says of itself."""

import numpy as np

from bessline.detection import Table


def test_coverage_and_what_varies() -> None:
    nan = np.nan
    table = Table(("a", "b", "c"), np.array([[1.0, nan, 5.0], [2.0, nan, 5.0], [nan, nan, nan], [3.0, nan, 5.0]]))
    assert table.coverage.tolist() == [0.75, 0.0, 0.75]
    assert table.varying.tolist() == [True, False, False]


def test_an_empty_table_says_nothing() -> None:
    table = Table(("a",), np.empty((0, 1)))
    assert (len(table), table.coverage.tolist(), table.varying.tolist()) == (0, [0.0], [False])
