"""Progress: a bar for a person, a line each tenth for a log."""

import io

from rich.console import Console

from bessline.progress import progress


def test_a_log_gets_a_line_each_tenth() -> None:
    """A hundred steps are eleven lines, without control characters."""
    out = io.StringIO()
    with progress(Console(file=out)) as tell:
        for done in range(101):
            tell("a[b].csv", done, 100)
    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "100/100 a[b].csv"


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    """The bar shows what is done and leaves nothing behind."""
    out = io.StringIO()
    with progress(Console(file=out, force_terminal=True, width=80)) as tell:
        tell("bms1_soc.csv", 3, 9)
    assert "bms1_soc.csv" in out.getvalue()
    assert "3/9" in out.getvalue()
    assert out.getvalue().endswith("\x1b[2K")
