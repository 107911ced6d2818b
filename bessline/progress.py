"""Progress of long work: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

#: Told what is being done, how much of it is done, and of how much.
Tell = Callable[[str, int, int], None]


@contextmanager
def progress(console: Console | None = None) -> Iterator[Tell]:
    """Something to tell about long work; shown on `console` (standard error) for as long as the `with` lasts."""
    console = console or Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


class _Lines:
    """A line at each tenth of the work."""

    def __init__(self, console: Console) -> None:
        self._console, self._tenth = console, -1

    def __call__(self, what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth != self._tenth:
            self._tenth = tenth
            self._console.print(f"{done}/{total} {what}", markup=False)
