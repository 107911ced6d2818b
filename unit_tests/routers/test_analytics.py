"""The resources of what the analytics found."""

import pytest

from api.analytics import RESOURCES
from schemas import AnalyticsState, event_page_model
from unit_tests.api.client import Client


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_is_what_its_schema_says(server: Client, resource: str) -> None:
    """Also while there is nothing."""
    event_page_model(RESOURCES[resource]).model_validate(server.json(f"/analytics/bess1/{resource}"), strict=True)


def test_the_states_are_what_their_schema_says(server: Client) -> None:
    AnalyticsState.model_validate(server.json("/analytics/bess1"), strict=True)


def test_an_unknown_device_names_the_near_ones(server: Client) -> None:
    assert server.get("/analytics/bes1/anomalies").json()["matches"] == ["bess1", "bess2"]
