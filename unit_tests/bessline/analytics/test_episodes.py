"""One cause is told once."""

from bessline.analytics.episodes import AGAIN_MS, MOST_GROUPS, VAGUE, Episodes, Standing

HOUR_MS = 3_600_000
CELL = Standing("cells.p1_v2", "p1_v", 0)


def test_what_goes_on_is_told_once() -> None:
    episodes = Episodes()
    told = [hour for hour in range(48) if episodes.news(hour * HOUR_MS, [CELL])]
    assert told == [0]


def test_what_comes_back_after_six_hours_is_told_again() -> None:
    episodes = Episodes()
    assert episodes.news(0, [CELL]) == [0]
    assert episodes.news(AGAIN_MS - 1, [CELL]) == []
    assert episodes.news(2 * AGAIN_MS - 1, [CELL]) == [0]


def test_what_becomes_as_severe_as_can_be_is_told_at_once() -> None:
    episodes = Episodes()
    worse = Standing(CELL.channel, CELL.group, 2)
    assert episodes.news(0, [CELL]) == [0]
    assert episodes.news(1, [Standing(CELL.channel, CELL.group, 1)]) == []
    assert episodes.news(1, [worse]) == [0]
    assert episodes.news(2, [CELL]) == []
    assert episodes.news(3, [worse]) == []


def test_what_is_only_odd_hides_nothing_that_names_a_cause() -> None:
    episodes = Episodes()
    odd, other = Standing("joint", "signals", VAGUE), Standing("bms.soc", "signals", VAGUE)
    cause = Standing("aux.outwater_temp", "signals", 0)
    assert episodes.news(0, [odd]) == [0]
    assert episodes.news(1, [other]) == []
    assert episodes.news(2, [cause]) == [0]
    assert episodes.news(3, [other, odd, Standing("bms.voltage", "signals", 1)]) == []


def test_of_a_group_the_oddest_is_told_and_the_others_wait() -> None:
    episodes = Episodes()
    both = [CELL, Standing("cells.p1_v3", "p1_v", 0)]
    assert episodes.news(0, both) == [0]
    assert episodes.news(HOUR_MS, both) == []
    assert episodes.news(AGAIN_MS, both) == [1]


def test_another_group_has_its_own_word_but_not_all_of_them() -> None:
    many = [Standing(f"cells.p{n}_v1", f"p{n}_v", 0) for n in range(9)]
    episodes = Episodes()
    assert episodes.news(0, many) == list(range(MOST_GROUPS))
    assert episodes.news(1, many) == []


def test_what_is_over_is_forgotten() -> None:
    episodes = Episodes()
    for n in range(100):
        episodes.news(n * AGAIN_MS, [Standing(f"cells.p1_v{n}", f"p{n}_v", 0)])
    assert len(episodes._channels) == len(episodes._groups) == 1
