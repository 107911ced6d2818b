"""The alarms of all devices."""

from schemas import AlarmList
from unit_tests.api.client import Client


def test_the_list_is_what_its_schema_says(server: Client) -> None:
    AlarmList.model_validate(server.json("/alarms"), strict=True)


def test_where_there_are_none_none_can_be_acknowledged(server: Client) -> None:
    assert server.ask("POST", "/alarms/bess1.hot/ack").status_code == 404
