"""Fields as a list: in the order of the contract, each once, and a wrong one named with its neighbours."""

import pytest

from api.fields import fields_among
from bessline.errors import BadParameter

KNOWN = ("soc", "soh", "voltage")


def test_the_order_is_ours() -> None:
    assert fields_among(KNOWN, " voltage,soc, voltage") == ("soc", "voltage")
    assert fields_among(KNOWN, None) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sox", "no bms field 'sox'; did you mean 'soc' or 'soh'?"),
        ("zzzzzz", "no bms field 'zzzzzz'; there is soc, soh, voltage"),
        ("", "no bms field ''; there is soc, soh, voltage"),
        ("soc,", "no bms field ''; there is soc, soh, voltage"),
        ("{}", "no bms field '{}'; there is soc, soh, voltage"),
    ],
)
def test_a_wrong_name_is_told_what_there_is(text: str, says: str) -> None:
    with pytest.raises(BadParameter) as refused:
        fields_among(KNOWN, text, what="bms field {}")
    assert (refused.value.name, str(refused.value)) == ("fields", says)


def test_of_many_only_some_are_told() -> None:
    many = tuple(f"signal_number_{n}" for n in range(100))
    with pytest.raises(BadParameter, match="and more"):
        fields_among(many, "zz")
    with pytest.raises(BadParameter) as refused:
        fields_among(many, "x" * 10_000)
    assert len(str(refused.value)) < 500
