"""Errors: sentences for a user, data for a program, an exit code for a script."""

import pickle
from pathlib import Path

from bessline import errors
from bessline.errors import BesslineError, NotKnown, SourceError


def _all(kind: type[BesslineError] = BesslineError) -> list[type[BesslineError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _all(child))]


def test_a_source_error_names_file_and_line() -> None:
    """And survives the way back from a worker process."""
    error = pickle.loads(pickle.dumps(SourceError("no header", path=Path("a/b.csv"), line=1)))
    assert str(error) == "a/b.csv:1: no header"
    assert (error.path, error.line, error.reason) == (Path("a/b.csv"), 1, "no header")


def test_unknown_names_come_with_their_neighbours() -> None:
    error = NotKnown("signal", "socc", known=["soc", "soh", "voltage"])
    assert error.matches == ["soc"]
    assert str(error) == "no signal 'socc'; did you mean 'soc'?"


def test_every_error_stands_in_the_tree_of_the_docstring() -> None:
    """The picture at the top of the module is complete."""
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in _all() if kind.__module__ == errors.__name__ and kind.__name__ not in drawn] == []


def test_every_error_ends_a_command_with_failure() -> None:
    assert all(kind.exit_code > 0 for kind in _all())
