"""What the command line prints: figures to the one output, what was left out to the other, and not all of it."""

from pathlib import Path

import pytest

from bessline.console import print_report
from bessline.errors import SourceError
from bessline.store import IngestReport


def test_of_thousands_a_few_are_named_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The figures stand alone on the standard output."""
    refused = [SourceError("is empty", path=Path(f"{n:04}.csv")) for n in range(1000)]
    print_report(IngestReport(files=2, rows=1500, refused=refused, ignored=[Path("a.txt")]), Path("plant"))
    out, err = capsys.readouterr()
    assert out.startswith("plant: 2 files, 1,500 rows in 0.0 s")
    assert out.endswith("1,000 files refused\n")
    assert err.count("refused: ") == 21
    assert "refused: 980 more" in err
    assert "a.txt" in err
