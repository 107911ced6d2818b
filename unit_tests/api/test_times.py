"""A client's times and those of the command line are one."""

from api import times
from bessline.times import parse_time


def test_there_is_one_way_to_write_a_time() -> None:
    assert times.parse_time is parse_time
