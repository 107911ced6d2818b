"""The list of all devices."""

from schemas import DeviceList
from unit_tests.api.client import Client


def test_every_device_is_there_with_what_it_has(server: Client) -> None:
    found = DeviceList.model_validate(server.json("/devices"))
    assert [device.device_id for device in found.devices] == ["bess1", "bess2", "m1", "m2"]
    assert set(found.devices[2].topics) == {"meter"}


def test_what_it_says_of_a_topic_is_what_the_history_holds(server: Client) -> None:
    """Rows, first and last stamp agree with the pages."""
    for device in server.json("/devices")["devices"]:
        for topic, said in device["topics"].items():
            path = f"/{'meters' if topic == 'meter' else topic}/{device['device_id']}"
            first = server.json(path, batch_size=1)
            last = server.json(path, batch_size=1, skip=said["rows"] - 1)
            stamps = (first["data"][0]["timestamp"], last["data"][0]["timestamp"])
            assert (first["total_records"], *stamps) == (said["rows"], said["start"], said["end"])


def test_no_list_is_sent_twice(server: Client) -> None:
    """Nor is one taken for another."""
    paths = ("/devices", "/bms/devices", "/pcs/devices", "/meters/devices")
    tags = {path: server.get(path).headers["etag"] for path in paths}
    for asked in paths:
        for path, tag in tags.items():
            status = server.get(asked, headers={"If-None-Match": tag}).status_code
            assert status == (304 if path == asked else 200)
