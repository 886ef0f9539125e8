"""What a coach has said to a flag: for how long it counts, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.access.calendar import Calendar
from services.access.profile import ALL_WORK
from services.insights.caseload.domain.attention import Attention, attention_of
from services.insights.caseload.domain.card import (
    Card,
    FlagAnswer,
    Goal,
    GoalState,
    Relationship,
    Trial,
    TrialState,
)
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until, sort_key_of
from services.insights.caseload.domain.flags import Flag, flags_of
from services.insights.caseload.domain.sight import as_seen_by

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
COACH = "coach-1"
GOAL = Goal(
    "goal-1",
    GoalState.ACTIVE,
    "talk-share",
    "percent",
    target=60,
    baseline=35,
    activated_at=NOW - 30 * DAY,
)
CARD = Card(
    "t1",
    2027,
    relationships=(Relationship("rel-1", COACH, True, NOW - DAY),),
    goals=(GOAL,),
)


def flag_on(card: Card, now: datetime = NOW) -> Flag:
    """But for that nobody has observed her lately."""
    (found,) = (each for each in flags_of(card, Calendar(), now) if each.code != "F1")
    return found


def said(card: Card = CARD, at: datetime = NOW, **more: Any) -> FlagAnswer:
    return replace(FlagAnswer("a1", COACH, flag_on(card).id, at), **more)


def counts(answer: FlagAnswer, card: Card = CARD, now: datetime = NOW) -> bool:
    return flag_on(replace(card, answers=(answer,)), now).answer == answer


def test_what_is_acknowledged_is_back_when_what_it_follows_from_changes() -> None:
    seen = said()
    assert counts(seen)
    assert counts(seen, now=NOW + 200 * DAY)
    moved_on = replace(GOAL, last_progress_at=NOW + DAY)
    assert not counts(seen, replace(CARD, goals=(moved_on,)), NOW + 40 * DAY)
    other = replace(GOAL, id="goal-2")
    assert not counts(seen, replace(CARD, goals=(other,)))


def test_a_flag_that_was_answered_before_it_began_waits() -> None:
    """Its evidence is the same again: the goal alone."""
    assert not counts(said(at=NOW - 20 * DAY))


def test_what_is_dismissed_is_back_on_its_day_whatever_it_follows_from() -> None:
    back = (NOW + 50 * DAY).date()
    for until, after in ((back, False), (None, True)):
        away = said(dismissed=True, until=until)
        moved_on = replace(CARD, goals=(replace(GOAL, last_progress_at=NOW + DAY),))
        assert counts(away, moved_on, NOW + 49 * DAY)
        assert counts(away, moved_on, NOW + 50 * DAY) is after


def test_the_newest_of_two_counts() -> None:
    old, new = said(dismissed=True, until=None), said(at=NOW + DAY)
    new = replace(new, id="a0")
    found = flag_on(replace(CARD, answers=(new, old)), NOW + 2 * DAY)
    assert found.answer == new


@pytest.mark.parametrize("reader", [COACH, "coach-2", "peer", "t1"])
def test_nobody_but_she_who_said_it_is_told(reader: str) -> None:
    card = replace(CARD, answers=(said(),))
    shown = as_seen_by(reader, ALL_WORK, card, only_shared=False)
    assert bool(shown.answers) is (reader == COACH)
    assert as_seen_by(reader, ALL_WORK, card, only_shared=True).answers == ()


def test_a_day_on_which_a_flag_is_back_ends_what_is_kept_of_an_entry() -> None:
    away = said(dismissed=True, until=(NOW + DAY).date())
    entry, until = entry_until(replace(CARD, answers=(away,)), Calendar(), NOW)
    assert entry.flags[0].answer == away
    later, _ = entry_until(entry.card, Calendar(), until)
    assert later.flags[0].answer is None


def test_what_is_answered_asks_for_no_attention() -> None:
    waits, _ = entry_until(CARD, Calendar(), NOW)
    seen, _ = entry_until(replace(CARD, answers=(said(),)), Calendar(), NOW)
    assert sort_key_of(waits, NOW)[0] < sort_key_of(seen, NOW)[0] == 0


def caseload(*states: str, growth: bool = False) -> list[CaseloadEntry]:
    """A step open of as many teachers, of which some were answered, and when."""
    made = []
    for number, state in enumerate(states):
        trial = Trial(f"step-{number}", TrialState.OPEN, NOW - 30 * DAY)
        card = replace(CARD, teacher=f"t{number}", goals=(), trials=(trial,))
        if state:
            at = NOW - 7 * DAY if state == "last week" else NOW
            card = replace(card, answers=(replace(said(card), answered_at=at),))
        made.append(entry_until(card, Calendar(), NOW)[0])
    if growth:
        reached = replace(GOAL, state=GoalState.ACHIEVED, closed_at=NOW - DAY)
        made.append(entry_until(replace(CARD, teacher="g", goals=(reached,)), Calendar(), NOW)[0])
    return made


def shown(entries: list[CaseloadEntry]) -> Attention:
    return attention_of(entries, Calendar(), NOW)


def test_what_she_has_answered_within_the_week_is_of_its_five() -> None:
    told = shown(caseload("seen", "seen", *[""] * 6))
    assert ([each.card.teacher for each in told.items], told.answered) == (["t2", "t3", "t4"], 2)
    assert told.more == 3
    told = shown(caseload("last week", *[""] * 6))
    assert (len(told.items), told.answered, told.more) == (5, 0, 1)
    told = shown(caseload(*["seen"] * 6, ""))
    assert (told.items, told.answered, told.more) == ((), 5, 1)


def test_growth_keeps_its_place_until_it_is_answered() -> None:
    told = shown(caseload(*["seen"] * 5, "", growth=True))
    assert [each.flag.code.value for each in told.items] == ["F8"]
    told = shown(caseload("seen", *[""] * 6, growth=True))
    assert len(told.items) == 4
    assert told.items[-1].flag.code == "F8" or told.items[0].flag.code == "F8"
    entries = caseload("seen", *[""] * 6, growth=True)
    card = entries[-1].card
    entries[-1] = entry_until(replace(card, answers=(said(card),)), Calendar(), NOW)[0]
    assert [each.card.teacher for each in shown(entries).items] == ["t1", "t2", "t3"]
