"""YAML that people write by hand: every mistake in it is told with its file and, where known, its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bessline.errors import SourceError

#: What is said of the form of a value, by the type of the fault, instead of the names that Python has for it.
_FORMS = {
    "tuple_type": "write a list, each entry on a line that begins with `- `",
    "dict_type": "write `name: value`, each on a line of its own",
    "model_type": "write `name: value`, each on a line of its own",
    "float_type": "write a number, without its unit",
    "string_type": "write a text, in quotes where it looks like a number",
}


def read_yaml(path: Path, *, refusal: type[SourceError]) -> tuple[Any, yaml.Node | None]:
    """What the file at `path` says, and the tree of it, which knows the lines; (None, None) where it is empty.

    Raises
    ------
    SourceError
        as a `refusal`: it cannot be read, is not YAML, or names a key twice, of which one would be lost.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        tree = loader.get_single_node()
        return None if tree is None else loader.construct_document(tree), tree
    except OSError as error:
        raise refusal(f"cannot be read ({error.strerror or error})", path=path) from error
    except UnicodeDecodeError as error:
        raise refusal("is not UTF-8 text", path=path) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "cannot be read"
        line = None if mark is None else mark.line + 1
        raise refusal(f"is not YAML: {problem}", path=path, line=line) from error
    except ValueError as error:
        raise refusal(f"is not YAML: a date or a number does not exist ({error})", path=path) from error


def how_to_write(fault: Mapping[str, Any]) -> str:
    """What to do about a fault that pydantic found in what was read.

    >>> how_to_write({"type": "float_type", "msg": "Input should be a valid number"})
    'write a number, without its unit'
    """
    return _FORMS.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ")


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} stands there twice; only one of them would count",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
