"""The YAML of the alarms: what it may say, and mistakes named with line, rule and field."""

from pathlib import Path

import pytest

from bessline.alarm_file import load_alarms, unit_of
from bessline.analytics.alarm_rules import RULES, STANDARD
from bessline.errors import AlarmFileError

GOOD = """\
thresholds:
  soc_low: 15
devices:
  bess2: {igbt_hot: off, soc_low: 5}
rules:
  - name: room_warm
    signal: env.temperature
    comparison: ">"
    threshold: 35
    duration: 10min
    hysteresis: 2
    severity: critical
    description: air in the container
    devices: [bess1]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "alarms.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_thresholds_and_own_rules_are_read(tmp_path: Path) -> None:
    book = load_alarms(written(tmp_path, GOOD))
    first, second = ({rule.name: rule for rule in book.of(device)} for device in ("bess1", "bess2"))
    assert (first["soc_low"].threshold, second["soc_low"].threshold) == (15.0, 5.0)
    assert ("igbt_hot" in first, "igbt_hot" in second) == (True, False)
    warm = first["room_warm"]
    assert (warm.unit, warm.duration_s, warm.hysteresis, warm.severity) == ("Cel", 600.0, 2.0, "critical")
    assert "room_warm" not in second


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert load_alarms(written(tmp_path, "# nothing\n")) == STANDARD
    assert STANDARD.of("bess1") == RULES


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("soc_low: 15", "soc_lo: 15", 2, "thresholds.soc_lo: there is no such rule; did you mean soc_low?"),
        ("soc_low: 15", "soc_low: on", 2, "thresholds.soc_low: write a number, or off"),
        ("soc_low: 15", "soc_low: .nan", 2, "thresholds.soc_low: write a number, or off"),
        ("soc_low: 5}", "soc_low: high}", 4, "devices.bess2.soc_low: "),
        ("env.temperature", "env.temprature", 7, "rules[0].signal: 'env.temprature' is no signal; did you mean"),
        ('">"', "above", 8, "rules[0].comparison: "),
        ("threshold: 35", "threshold: warm", 9, "rules[0].threshold: "),
        ("10min", "soon", 10, "rules[0].duration: write a span such as 15min"),
        ("hysteresis: 2", "hysterese: 2", 11, "rules[0].hysterese: unknown key; did you mean hysteresis?"),
        ("severity: critical", "severity: loud", 12, "rules[0].severity: "),
        ("room_warm", "soc_low", 6, "rules[0].name: soc_low is a rule already"),
        ("room_warm", "Room warm", 6, "rules[0].name: "),
        ("    threshold: 35\n", "", 6, "rules[0].threshold: is missing"),
        ("rules:", "rule:", 6, "rule: unknown key; did you mean rules?"),
        ("  soc_low: 15", "  soc_low: [15", 3, "is not YAML"),
        ("  soc_low: 15", "  soc_low: 15\n  soc_low: 5", 3, "is not YAML: 'soc_low' stands there twice"),
        ("rules:", "thresholds:", 5, "is not YAML: 'thresholds' stands there twice"),
        ("  soc_low: 15", "", 1, "thresholds: write `name: value`"),
        ("threshold: 35", "threshold: 35 Cel", 9, "rules[0].threshold: write a number, without its unit"),
        ("[bess1]", "bess1", 14, "rules[0].devices: write a list"),
        ("env.temperature", "env.*", 7, "rules[0].signal: 'env.*' names signals in %, Cel; one threshold has one unit"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(AlarmFileError) as caught:
        load_alarms(path)
    assert str(caught.value).startswith(f"{path}:{line}: {said}"), str(caught.value)


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    twice = GOOD + GOOD.partition("rules:\n")[2]
    with pytest.raises(AlarmFileError, match=r"rules\[1\].name: room_warm is there twice"):
        load_alarms(written(tmp_path, twice))


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_other_yaml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AlarmFileError, match="holds no keys"):
        load_alarms(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AlarmFileError, match="cannot be read"):
        load_alarms(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(AlarmFileError, match="not UTF-8"):
        load_alarms(tmp_path / "latin.yaml")


def test_units_come_from_the_catalogue() -> None:
    names = ("bms.soc", "safety.fa*_co", "cells.p3_v17", "cells.*_t*", "unclassified.door", "derived.silence")
    assert [unit_of(name) for name in names] == ["%", "[ppm]", "V", "Cel", "1", "s"]


def test_the_documentation_has_every_rule_and_an_example_that_is_read(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")
    for rule in RULES:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{rule.name}` |"))
        assert f"`{rule.signal}` | {rule.comparison} {rule.threshold:g}" in row
        assert row.endswith(f"| {rule.severity} |")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert load_alarms(written(tmp_path, example)).by_device["bess2"]["igbt_hot"] is None
