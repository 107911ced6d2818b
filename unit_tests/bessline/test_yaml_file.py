"""YAML that people write: mistakes with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.errors import DescriptionError
from bessline.yaml_file import how_to_write, read_yaml


def written(folder: Path, text: str) -> Path:
    path = folder / "f.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_values_and_the_tree_come_together(tmp_path: Path) -> None:
    """The tree knows where a value stands; a merged key may be said again, as YAML has it."""
    raw, tree = read_yaml(written(tmp_path, "a: &x {b: 1}\nc: {<<: *x, b: 2}\n"), refusal=DescriptionError)
    assert raw == {"a": {"b": 1}, "c": {"b": 2}}
    assert tree is not None
    assert tree.value[1][0].start_mark.line == 1
    assert read_yaml(written(tmp_path, "# nothing\n"), refusal=DescriptionError) == (None, None)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: [1\n", 2, "is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands there twice"),
        ("l:\n  - {a: 1, a: 2}\n", 2, "'a' stands there twice"),
        ("a: !!python/object:os.system {}\n", 1, "is not YAML"),
        ("a: 2024-13-45\n", None, "does not exist"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    """Nothing of a file is lost because its writer wrote a key twice."""
    path = written(tmp_path, text)
    with pytest.raises(DescriptionError, match=says) as refused:
        read_yaml(path, refusal=DescriptionError)
    assert (refused.value.path, refused.value.line) == (path, line)


def test_the_form_is_told_in_words_for_people() -> None:
    """Nobody who writes YAML needs to know what a tuple is."""
    assert how_to_write({"type": "tuple_type", "msg": "Input should be a valid tuple"}).startswith("write a list")
    assert how_to_write({"type": "value_error", "msg": "Value error, write a span"}) == "write a span"
