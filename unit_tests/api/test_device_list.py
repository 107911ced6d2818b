"""The list of devices says what each has, from the manifest alone."""

from pathlib import Path

from api.device_list import device_list
from bessline.managers import Managers
from bessline.signals import fields_of
from bessline.store import Store, ingest
from schemas import DeviceList
from unit_tests.plants import signal_job, source_of


def test_all_devices_or_those_with_a_topic(tiny_managers: Managers) -> None:
    def names(topic: str | None) -> list[str]:
        return [device["device_id"] for device in device_list(tiny_managers, topic=topic)["devices"]]

    assert names(None) == ["bess1", "bess2", "m1", "m2"]
    assert names("bms") == names("pcs") == ["bess1", "bess2"]
    assert names("meter") == ["m1", "m2"]


def test_it_is_what_the_schema_says(tiny_managers: Managers) -> None:
    found = DeviceList.model_validate(device_list(tiny_managers))
    unit = found.devices[0]
    assert (unit.device_id, unit.timezone, list(unit.topics)) == (
        "bess1",
        "Asia/Shanghai",
        ["bms", "pcs", "aux", "env", "safety"],
    )
    assert unit.topics["bms"].fields == list(fields_of("bms"))
    assert unit.topics["bms"].rows == tiny_managers["bms"].timeline("bess1").rows


def test_unknown_signals_are_listed_not_dropped(tmp_path: Path) -> None:
    """A device that has nothing else is a device all the same."""
    jobs = [
        signal_job(tmp_path, name, [0, 30], [1, 2])
        for name in ("b1/bms.soc", "b1/unclassified.door", "d/unclassified.x")
    ]
    ingest([source_of(tmp_path, *jobs)], tmp_path / "s", workers=0)
    found = device_list(Managers(Store.open(tmp_path / "s")))["devices"]
    assert [(device["device_id"], device["unclassified"]) for device in found] == [("b1", ["door"]), ("d", ["x"])]
    assert found[0]["topics"]["bms"]["start"] == "2024-05-01T00:00:00.000Z"
    assert (found[1]["topics"], found[1]["timezone"]) == ({}, None)
