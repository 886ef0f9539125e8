"""Who sees a teacher's work by a circle: the one rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.access.districts import District
from services.access.facts import CircleFact
from services.access.peers import GROUP, PAIR, peering_of
from services.access.profile import Profile, Role

DAY, GRACE, OVER = date(2026, 11, 4), date(2027, 8, 31), date(2027, 9, 1)
RULES = District()
TEACHES = (Role("teacher", "school-1"),)
SHOWN = CircleFact("c-1", True, PAIR, 2027, ("peer",), ("goal",))
READER = Profile("peer", True, TEACHES)
TEACHER = Profile("teacher", True, TEACHES, circles=(SHOWN,))


def seen(reader: Profile | None, teacher: Profile | None, day: date = DAY) -> set[str]:
    return set(peering_of(reader, teacher, day, RULES).sees)


@pytest.mark.parametrize(
    ("reader", "teacher", "day"),
    [
        (None, TEACHER, DAY),
        (READER, None, DAY),
        (replace(READER, active=False), TEACHER, DAY),
        (READER, replace(TEACHER, active=False), DAY),
        (replace(READER, person="third"), TEACHER, DAY),
        (replace(READER, roles=()), TEACHER, DAY),
        (replace(READER, roles=(*TEACHES, Role("principal", "school-1"))), TEACHER, DAY),
        (replace(READER, roles=(*TEACHES, Role("ext:unexplained", "school-1"))), TEACHER, DAY),
        (READER, replace(TEACHER, circles=(replace(SHOWN, year=2028),)), DAY),
        (READER, TEACHER, OVER),
    ],
)
def test_nothing_is_seen(reader: Profile | None, teacher: Profile | None, day: date) -> None:
    assert seen(reader, teacher, day) == set()


def test_what_she_shows_is_seen_until_the_grace_is_over() -> None:
    assert seen(READER, TEACHER) == seen(READER, TEACHER, GRACE) == {"goal"}


def test_circles_add_up_and_what_is_made_of_her_work_is_seen_where_any_of_it_is() -> None:
    group = replace(SHOWN, id="c-2", kind=GROUP, sees=("observation",))
    peering = peering_of(READER, replace(TEACHER, circles=(SHOWN, group)), DAY, RULES)
    assert peering.sees == {"goal", "observation"}
    kinds = ("goal", "observation", "administration", "card")
    assert [peering.relation(kind) for kind in kinds] == [PAIR, GROUP, "", PAIR]
    nothing = replace(TEACHER, circles=(replace(SHOWN, sees=()),))
    assert peering_of(READER, nothing, DAY, RULES).relation("card") == ""
