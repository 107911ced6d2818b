"""What is missing is what was expected and did not come."""

import numpy as np
import pytest

from bessline.quality.missing import expected, gaps

DAY_MS = 86_400_000


def test_a_gap_lies_between_the_stamps_beside_it() -> None:
    found = gaps(np.array([0, 60, 150, 240, 600, 690]), tolerance_ms=90)
    assert (found.first_ms.tolist(), found.last_ms.tolist()) == ([240], [600])
    assert len(gaps(np.array([5]), tolerance_ms=90)) == 0


@pytest.mark.parametrize(
    ("hours", "period_s", "readings"), [(24, 60, 1440), (23, 30, 2760), (25, 3600, 25), (-1, 60, 0)]
)
def test_a_day_of_23_hours_expects_less(hours: int, period_s: float, readings: int) -> None:
    assert expected(DAY_MS, DAY_MS + hours * 3_600_000, period_s=period_s) == readings
