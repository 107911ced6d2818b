"""The tests mirror the tree: every module has its test file."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: A package's __init__ only re-exports, and __main__ cannot be imported by its own name.
_TESTED_ELSEWHERE = {"bessline/__main__.py": "bessline/test_main_module.py"}


def _modules() -> list[str]:
    files = [
        *ROOT.glob("*.py"),
        *(path for top in ("api", "routers", "bessline") for path in (ROOT / top).rglob("*.py")),
    ]
    return sorted(str(path.relative_to(ROOT)) for path in files if path.name != "__init__.py")


@pytest.mark.parametrize("module", _modules())
def test_every_module_has_its_test(module: str) -> None:
    path = Path(module)
    expected = _TESTED_ELSEWHERE.get(module, str(path.parent / f"test_{path.name}"))
    assert (ROOT / "unit_tests" / expected).is_file(), f"unit_tests/{expected} is missing"


def test_there_is_something_to_mirror() -> None:
    assert "main.py" in _modules()
    assert len(_modules()) > 40
