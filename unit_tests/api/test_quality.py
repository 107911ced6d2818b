"""Coverage and quality over HTTP: as they are described, page after page, and not twice."""

from typing import Any

import pytest

from api import quality
from api.times import parse_time
from bessline.quality import report
from schemas import CoverageAnswer, QualityAnswer
from unit_tests.api.client import Client

COVERAGE, QUALITY = "/bess/bess1/coverage", "/devices/bess1/quality"


def test_answers_are_what_the_schema_says(server: Client) -> None:
    coverage = CoverageAnswer.model_validate(server.json(COVERAGE), strict=True)
    checked = QualityAnswer.model_validate(server.json(QUALITY, signals="bms,cells,safety"), strict=True)
    assert (coverage.device_id, coverage.timezone, coverage.next_start) == ("bess1", "Asia/Shanghai", None)
    (day,) = coverage.signals["bms.soc"].days
    assert day.expected is not None
    assert (day.date, day.coverage) == ("2024-05-01", round(day.present / day.expected, 6))
    assert day.gap_s == pytest.approx(sum(_seconds(gap.from_, gap.to) for gap in day.gaps))
    soc = checked.signals["bms.soc"]
    assert soc.ingest.rows >= soc.days[0].present
    assert (soc.ingest.duplicates, soc.ingest.rejected, soc.ingest.shared_files) == (0, 0, 0)
    assert (soc.days[0].replaced, soc.days[0].rejected) == (0, 0)


def _seconds(start: str, end: str) -> float:
    return (parse_time("end", end) - parse_time("start", start)) / 1000


def test_present_values_are_those_of_the_series(server: Client) -> None:
    """Two ways to the same number."""
    day = server.json(COVERAGE, signals="bms.voltage")["signals"]["bms.voltage"]["days"][0]
    (series,) = server.json("/series", device_id="bess1", signals="bms.voltage", resolution="raw", max_points=100_000)[
        "series"
    ]
    assert (day["present"], day["first"], day["last"]) == (series["points"], series["t"][0], series["t"][-1])


def test_pages_follow_by_their_link(server: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """UTC days of a plant in Shanghai: asked for by range, a local day is cut, and nothing is counted twice."""
    monkeypatch.setattr(report, "MOST_ROWS", 1)
    query: dict[str, Any] = {"signals": "bms.soc", "start": "2024-05-01", "end": "2024-05-03"}
    path, present, pages = QUALITY, 0, 0
    answer = server.get(path, **query)
    while True:
        pages += 1
        present += sum(day["present"] for day in answer.json()["signals"]["bms.soc"]["days"])
        if "link" not in answer.headers:
            break
        answer = server.get(answer.headers["link"].partition(">")[0].removeprefix("<"))
    monkeypatch.undo()
    once = server.json(QUALITY, **query)
    assert once["next_start"] is None
    assert present == sum(day["present"] for day in once["signals"]["bms.soc"]["days"])
    assert pages == len(once["signals"]["bms.soc"]["days"])


def test_many_findings_are_counted_where_they_are_not_listed(server: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [signal["days"][0] for signal in server.json(COVERAGE)["signals"].values()]
    monkeypatch.setattr(quality, "MOST_LISTED", 1)
    short = [signal["days"][0] for signal in server.json(COVERAGE)["signals"].values()]
    assert any(len(day["gaps"]) > 1 for day in days)
    for one, other in zip(short, days, strict=True):
        assert one["gaps"] == other["gaps"][:1]
        assert (one["omitted"], one["gap_s"]) == (max(0, len(other["gaps"]) - 1), other["gap_s"])


@pytest.mark.parametrize("path", [COVERAGE, QUALITY])
def test_an_etag_saves_the_second_answer(server: Client, path: str) -> None:
    tag = server.get(path, signals="env").headers["etag"]
    again = server.get(path, signals="env", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["vary"]) == (304, b"", "Accept-Encoding")
    assert server.get(path, signals="bms", headers={"If-None-Match": tag}).status_code == 200


def test_a_meter_has_quality_and_no_coverage_of_a_unit(server: Client) -> None:
    assert server.json("/devices/m1/quality")["signals"]
    answer = server.get("/bess/m1/coverage")
    assert (answer.status_code, answer.json()["matches"]) == (404, [])


@pytest.mark.parametrize(
    ("query", "moral"),
    [
        ({"stuck_hours": "x"}, "hours from 0.1 to 8760"),
        ({"start": "2024-05-01T00:00:00"}, "has no zone"),
        ({"date": "2024-13"}, "does not exist"),
        ({"signal": "bms"}, "did you mean signals"),
    ],
)
def test_a_parameter_that_cannot_be_served_is_named(server: Client, query: dict[str, Any], moral: str) -> None:
    assert moral in server.refused(QUALITY, **query)
