"""The README is true: every endpoint, option, setting and exit code stands in it."""

import re
from pathlib import Path

import pytest
import typer.main
from fastapi.routing import APIRoute

from api.settings import Settings
from bessline import cli
from routers import ROUTERS
from unit_tests.api.client import Client

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
PATHS = sorted({route.path for route in ROUTES if ":path}" not in route.path})
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
OPTIONS = sorted(
    (name, option.opts[-1])
    for name, command in COMMANDS.items()
    for option in command.params
    if option.opts[-1].startswith("--")
)
ASKED = sorted(
    {
        path
        for path in re.findall(r"localhost:8002(/[^\"\s`]+)", README)
        if "/stream" not in path and "/ingest" not in path
    }
)


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_stands_in_the_readme(path: str) -> None:
    assert f"`{path}`" in README


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_every_option_stands_beside_its_command(command: str, option: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{command}"))
    assert option in row


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"`BESSLINE_{name.upper()}`" in README


@pytest.mark.parametrize("path", ASKED)
def test_every_request_of_the_readme_is_answered(server: Client, path: str) -> None:
    """And not with an empty page."""
    answer = server.ask("GET", path)
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == "application/json":
        assert all(answer.json().values()) or answer.json()["data"]
    else:
        assert len(answer.content) > 1000


def test_every_variable_of_an_option_stands_in_the_readme() -> None:
    variables = {str(option.envvar) for command in COMMANDS.values() for option in command.params if option.envvar}
    assert variables
    assert {name for name in variables if f"`{name}`" not in README} == set()


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_message_that_the_readme_explains_is_said_somewhere() -> None:
    """Who searches for what the terminal shows must find it."""
    table = README.partition("## Troubleshooting")[2].partition("##")[0]
    messages = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(messages) > 3
    code = "\n".join(
        file.read_text(encoding="utf-8") for top in ("api", "bessline") for file in (ROOT / top).rglob("*.py")
    )
    said = {message: r"\{\w+\}".join(map(re.escape, re.split(r"\d+", message))) for message in messages}
    assert [message for message, pattern in said.items() if not re.search(pattern, code)] == []


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets
