"""Sign evidence: told with its strength, never acted upon."""

from pathlib import Path

import numpy as np
import pytest

from bessline.managers import Managers
from bessline.sign import SignEvidence, sign_evidence
from bessline.store import Store, ingest
from unit_tests.plants import signal_job, source_of

AT = np.arange(0, 2 * 86_400, 60)
CURRENT = 100 * np.sin(AT / 7200)  # discharge positive


def _evidence(folder: Path, soc: np.ndarray, current: np.ndarray, hours: int = 48) -> SignEvidence | None:
    rows = hours * 60
    jobs = [signal_job(folder, "b1/bms.soc", AT[:rows], soc[:rows])]
    jobs.append(signal_job(folder, "b1/bms.current", AT[:rows], current[:rows]))
    ingest([source_of(folder, *jobs)], folder / "s", workers=0)
    return sign_evidence(Managers(Store.open(folder / "s")), "b1")


@pytest.mark.parametrize(
    ("sign", "says"), [(1, "discharge is positive, as it should be"), (-1, "CHARGE looks positive")]
)
def test_the_sign_shows_in_the_movement_of_soc(tmp_path: Path, sign: int, says: str) -> None:
    """SOC falls while the current is positive: discharge positive; turned round: said so."""
    found = _evidence(tmp_path, 50 - np.cumsum(CURRENT) / 280 / 60 * 100, sign * CURRENT)
    assert found is not None
    assert found.correlation == pytest.approx(sign, abs=0.02)
    assert says in found.sentence


def test_noise_is_weak_evidence(tmp_path: Path) -> None:
    """SOC that moves by itself says little, and that is said."""
    found = _evidence(tmp_path, np.random.default_rng(0).normal(50, 1, len(AT)), CURRENT)
    assert found is not None
    assert "evidence on the sign is weak" in found.sentence


def test_less_than_a_day_is_no_evidence(tmp_path: Path) -> None:
    found = _evidence(tmp_path, 50 - np.cumsum(CURRENT) / 168, CURRENT, hours=20)
    assert found is not None
    assert "20.1 h of data are less than a day" in found.sentence


def test_a_still_unit_is_no_evidence(tmp_path: Path) -> None:
    found = _evidence(tmp_path, np.full(len(AT), 50.0), CURRENT)
    assert found is not None
    assert found.correlation is None
    assert "never moves while the other is there" in found.sentence


def test_a_device_without_soc_is_left_out(tmp_path: Path) -> None:
    ingest(
        [source_of(tmp_path, signal_job(tmp_path, "m1/meter.active_power", [0, 60], [1, 2]))], tmp_path / "s", workers=0
    )
    assert sign_evidence(Managers(Store.open(tmp_path / "s")), "m1") is None
