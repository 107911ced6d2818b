"""What an id may be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bessline.live.ident import parse
from bessline.live.ids import LiveId, ReplayId
from bessline.live.joint import JointId, joined


@given(st.one_of(st.text(max_size=200), st.from_regex(r"[jlr](\.[0-9a-z_-]{1,6}){2,8}", fullmatch=True)))
@example("j.5708e001.f2b0.4.6.0_3.g")
@example("j.5708e001.f2b0.3.1o.0_u.g")
def test_any_text_is_an_id_of_ours_or_none(text: str) -> None:
    """No text makes it fail, and there is one way to write an id."""
    ident = parse(text)
    assert ident is None or str(ident) == text


@pytest.mark.parametrize(
    ("ident", "kind"),
    [
        (LiveId("s", "c", 0, 1), LiveId),
        (ReplayId("s", 1), ReplayId),
        (joined([LiveId("s", "c", 0, 1), LiveId("s", "d", 0, 2)]), JointId),
    ],
)
def test_each_kind_is_told_from_the_others(ident: object, kind: type) -> None:
    """By its first letter."""
    assert isinstance(parse(str(ident)), kind)
