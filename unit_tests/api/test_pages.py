"""Files of the page load nothing from elsewhere and lead nowhere else."""

import re

import pytest

from api.pages import POLICY
from unit_tests.api.client import Client


@pytest.mark.parametrize("path", ["/dashboard/", "/docs", "/static/js/main.js", "/static/css/page.css"])
def test_every_file_comes_with_the_strict_policy(server: Client, path: str) -> None:
    headers = server.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", ["../main.py", "..", "", "js", "/etc/passwd", "a\0b", "x" * 5000, "nix.js", "js/../../main.py"]
)
def test_no_path_leads_out_of_the_folder(server: Client, path: str) -> None:
    assert server.raw(f"/static/{path}") == 404


def test_redoc_differs_by_two_hashes_of_styles_and_no_more(server: Client) -> None:
    """It writes two sheets by script; nothing else is let in, and nothing unsafe."""
    policy = server.get("/redoc").headers["content-security-policy"]
    assert re.sub(r" 'sha256-[^']+'", "", policy) == POLICY
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy


def test_a_file_that_has_not_changed_is_not_sent_again(server: Client) -> None:
    first = server.get("/static/js/main.js")
    again = server.get("/static/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
