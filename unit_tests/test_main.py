"""main wires the parts and does nothing else."""

import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

import main
from api.serving import CannotListen
from api.settings import Settings
from bessline.errors import BadParameter
from routers import ROUTERS


def test_the_app_is_made_when_asked_for_and_once() -> None:
    """`uvicorn main:app` finds it; a worker that only imports this file makes none."""
    assert isinstance(main.app, FastAPI)
    assert main.app is main.app
    with pytest.raises(AttributeError, match="nonsense"):
        main.nonsense  # noqa: B018 - asking is the test


def test_making_an_app_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is opened and no folder made before the server starts."""
    monkeypatch.chdir(tmp_path)
    app = main.create_app(Settings())
    assert app.state.engine.phase == "loading"
    assert list(tmp_path.iterdir()) == []


def test_every_router_is_in_the_app() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    paths = set(main.create_app(Settings()).openapi()["paths"])
    assert {route.path for route in routes if route.include_in_schema} == paths


def test_options_of_the_command_line_reach_the_settings() -> None:
    with pytest.raises(BadParameter, match="BESSLINE_KEYS"):
        main.serve(host="0.0.0.0", port=0)
    with pytest.raises(BadParameter, match="--port"):
        main.serve(port=-1)
    with pytest.raises(CannotListen):
        main.serve(host="192.0.2.1", keys=["k"], port=0)


def test_addresses_are_told_with_the_way_to_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    main._announce(["http://127.0.0.1:8002/"])
    assert "http://127.0.0.1:8002/dashboard/" in capsys.readouterr().out


def test_nothing_is_told_to_a_collector() -> None:
    """The framework could send telemetry: it is off, whatever the environment says."""
    assert not any(main.TELEMETRY.values())
    assert "opentelemetry.sdk" not in sys.modules
