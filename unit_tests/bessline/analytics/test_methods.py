"""The methods that run."""

from bessline.analytics import Subject
from bessline.analytics.methods import METHODS, methods_of

SUBJECT = Subject("b1", ("bms.soc", "bms.voltage", "bms.current"), 30.0)


def test_each_method_is_there_once() -> None:
    """A state shows one of each name."""
    names = [method.name for method in METHODS]
    assert names
    assert len(set(names)) == len(names)


def test_options_reach_the_method_that_they_name() -> None:
    """By its name, which is that of its events."""
    made = methods_of(SUBJECT, {"degradation": {"nominal_ah": 280.0}})
    assert [type(method) for method in made] == list(METHODS)
