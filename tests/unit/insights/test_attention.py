"""What a coach might look at first this week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import Calendar
from services.insights.caseload.domain.attention import Attention, attention_of
from services.insights.caseload.domain.card import Card
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.domain.flags import Flag, FlagCode

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)


def flag(code: str, days: float = 0, of: str = "x") -> Flag:
    return Flag(FlagCode(code), (of,), NOW - days * DAY)


def entry(teacher: str, *flags: Flag) -> CaseloadEntry:
    return CaseloadEntry(Card(teacher, 2027), None, None, (), None, flags)


def found(*entries: CaseloadEntry, now: datetime = NOW) -> Attention:
    return attention_of(entries, Calendar(), now)


def shown(of: Attention) -> list[str]:
    return [f"{each.card.teacher} {each.flag.code}" for each in of.items]


def test_flags_are_ranked_by_what_they_are_and_not_by_whose() -> None:
    told = found(
        entry("t1", flag("F5"), flag("F3")),
        entry("t2", flag("F2")),
        entry("t3", flag("F1"), flag("F9")),
    )
    assert shown(told) == ["t2 F2", "t3 F1", "t1 F3", "t1 F5", "t3 F9"]
    assert (told.week, told.more) == (date(2026, 11, 16), 0)


def test_it_is_five_at_most_and_the_rest_is_counted() -> None:
    told = found(*(entry(f"t{number}", flag("F1"), flag("F2")) for number in range(4)))
    assert shown(told) == ["t0 F2", "t1 F2", "t2 F2", "t3 F2", "t0 F1"]
    assert told.more == 3


def test_what_is_older_counts_less() -> None:
    assert shown(found(entry("t1", flag("F2", 40)), entry("t2", flag("F1")))) == ["t2 F1", "t1 F2"]


def test_one_to_celebrate_is_among_them_where_there_is_any() -> None:
    late = [entry(f"t{number}", flag("F2")) for number in range(6)]
    proud = entry("t7", flag("F8", 20, "old"), flag("F8", 3, "new"))
    told = found(*late, proud)
    assert shown(told) == ["t0 F2", "t1 F2", "t2 F2", "t3 F2", "t7 F8"]
    assert told.items[-1].flag.evidence == ("new",)
    assert told.more == 3
    assert shown(found(*late)) == [f"t{number} F2" for number in range(5)]
    assert shown(found(entry("t1", flag("F8")), entry("t2", flag("F5")))) == ["t1 F8", "t2 F5"]


def test_the_order_is_calm_until_the_next_week() -> None:
    """On Monday F3 was 26 days old, and so worth a little more than an F2 of long ago; by its age
    of Wednesday it were less."""
    entries = entry("t1", flag("F3", 29)), entry("t2", flag("F2", 100))
    for days in range(5):
        assert shown(found(*entries, now=NOW + days * DAY)) == ["t1 F3", "t2 F2"]
    later = found(*entries, now=NOW + 5 * DAY)
    assert (shown(later), later.week) == (["t2 F2", "t1 F3"], date(2026, 11, 23))


FLAGS = st.builds(
    flag,
    st.sampled_from(sorted(FlagCode)),
    st.integers(0, 90),
    st.sampled_from("abc"),
)


@given(st.lists(st.lists(FLAGS, max_size=4), max_size=6))
def test_nothing_is_lost_and_growth_has_its_place(flags: list[list[Flag]]) -> None:
    entries = [entry(f"t{number}", *those) for number, those in enumerate(flags)]
    told = found(*entries)
    every = [each for those in flags for each in those]
    assert len(told.items) == min(5, len(every))
    assert told.more == len(every) - len(told.items)
    growth = any(each.code == "F8" for each in every)
    assert any(each.flag.code == "F8" for each in told.items) is growth
    assert told == found(*reversed(entries)) or len(every) != len(set(every))
