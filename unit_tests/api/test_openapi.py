"""The description tells the truth: its errors are problems, and every reference leads somewhere."""

import re
from typing import Any

import pytest

from unit_tests.api.client import Client


@pytest.fixture(scope="module")
def described(server: Client) -> dict[str, Any]:
    found: dict[str, Any] = server.json("/openapi.json")
    return found


def test_every_error_is_described_as_a_problem(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            assert {"422", "default"} <= set(answers), path
            assert ("404" in answers) == ("{" in path), path
            assert set(answers["422"]["content"]) == {"application/problem+json"}


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    names = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert names <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_what_is_promised_of_a_page_is_what_is_sent(server: Client, described: dict[str, Any]) -> None:
    page = described["components"]["schemas"]["BmsPage"]
    assert set(server.json("/bms/bess1", batch_size=1)) <= set(page["properties"])
    names = {found["name"] for found in described["paths"]["/bms/{device_id}"]["get"]["parameters"]}
    assert {"device_id", "batch_size", "skip", "cursor", "start", "end", "date", "fields", "ages", "format"} == names
