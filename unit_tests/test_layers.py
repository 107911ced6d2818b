"""The house has one direction: who may import whom, proved from the imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: From the top down; a module may import from its own layer and from those below it.
HOUSE = ("main", "routers", "api", "schemas", "bessline")
#: Inside the engine, from the top down. Those in one row stand side by side and do not know each other.
ENGINE: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("care", "export", "follow", "tail", "alarm_file"),
    ("console",),
    ("check",),
    ("client", "sender"),
    ("remote",),
    ("analyst",),
    ("live", "analytics", "demo", "detection"),
    ("sign",),
    ("managers", "formats", "times", "quality"),
    ("store",),
    ("sources",),
    ("signals", "errors", "events", "progress", "later", "yaml_file"),
)
#: The engine knows no HTTP and no socket; these are shells in its folder and may.
SHELLS = ("bessline.cli", "bessline.client", "bessline.remote", "bessline.sender", "bessline.__main__")
HTTP = {
    "fastapi", "starlette", "uvicorn", "sse_starlette", "httpx", "requests", "aiohttp", "urllib3", "prometheus_client",
    "socket", "http", "urllib.request",
}  # fmt: skip


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> dict[str, Path]:
    """Every module of the house by its name."""
    files = [ROOT / "main.py", ROOT / "schemas.py"]
    files += [file for top in ("routers", "api", "bessline") for file in (ROOT / top).rglob("*.py")]
    return {_name(file): file for file in sorted(files)}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a thing comes from"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else str(node.module)


@cache
def imports_of(name: str) -> frozenset[str]:
    """What module `name` imports: modules where they are ours, else as it is written."""
    return frozenset(_imported(ast.parse(modules()[name].read_text(encoding="utf-8"))))


def _ours(name: str) -> set[str]:
    return {found for found in imports_of(name) if found.partition(".")[0] in HOUSE}


def _row(name: str) -> int | None:
    """The row of an engine's module; None for the package itself, which only holds the version."""
    part = name.split(".")[1] if "." in name else ""
    return next((row for row, parts in enumerate(ENGINE) if part in parts), None)


@pytest.mark.parametrize("name", modules())
def test_imports_go_down_the_house(name: str) -> None:
    floor = HOUSE.index(name.partition(".")[0])
    for found in _ours(name):
        assert HOUSE.index(found.partition(".")[0]) >= floor, f"{name} imports {found}, which stands above it"


@pytest.mark.parametrize("name", [name for name in modules() if name.startswith("bessline.")])
def test_imports_go_down_the_engine(name: str) -> None:
    own = _row(name)
    assert own is not None, f"{name} stands in no row: say in ENGINE where it belongs"
    for found in _ours(name):
        row = _row(found)
        if row is None:
            continue
        beside = row == own and found.split(".")[1] != name.split(".")[1] and own != len(ENGINE) - 1
        assert row >= own, f"{name} imports {found}, which stands above it"
        assert not beside, f"{name} imports {found}, which stands beside it"


@pytest.mark.parametrize("name", [name for name in modules() if name.startswith("bessline")])
def test_the_engine_knows_no_http(name: str) -> None:
    if name in SHELLS:
        return
    known = {found for found in imports_of(name) if found in HTTP or found.partition(".")[0] in HTTP}
    assert not known, f"{name} imports {known}"


def test_nobody_imports_in_a_circle() -> None:
    """A package's __init__ re-exports, so only what a module itself imports counts."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " imports ".join([*path[path.index(name) :], name])
        if name in done:
            return
        for found in sorted(_ours(name) & set(modules())):
            visit(found, (*path, name))
        done.add(name)

    for name in modules():
        visit(name, ())


def test_the_proof_sees_the_house() -> None:
    """It would prove nothing if it found nothing."""
    assert {"main", "schemas", "api.history", "routers.bms", "bessline.store.archive"} <= set(modules())
    assert "api.history" in imports_of("routers.bms")
    assert "fastapi" in imports_of("api.history")
    assert {"bessline", "bessline.cli"} <= imports_of("main")
