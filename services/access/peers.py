"""Who sees a teacher's work by a circle, a pair or a group that both have joined: the one rule.

Each shows what she says herself, while the circle is active and counts as relationships of its year
do. Who leads or may lead sees nobody's so, whatever she had joined before.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.access.coaching import counting_years
from services.access.districts import District
from services.access.facts import CircleFact
from services.access.profile import ALL_WORK, Profile

PAIR, GROUP = "pair", "group"  # relations by which somebody is let in


class Peering(NamedTuple):
    """By which circles of a teacher somebody sees what she shows there."""

    circles: tuple[CircleFact, ...] = ()

    @property
    def sees(self) -> frozenset[str]:
        """Of the kinds in `ALL_WORK` those that she shows."""
        return ALL_WORK.intersection(kind for each in self.circles for kind in each.sees)

    def relation(self, kind: str) -> str:
        """The one by which what is of a kind is shown, a pair before a group; empty where it is
        not. What is made of her work, such as a card, is where any of it is."""
        showing = [
            each.kind
            for each in self.circles
            if kind in each.sees or (kind not in ALL_WORK and ALL_WORK.intersection(each.sees))
        ]
        if not showing:
            return ""
        return PAIR if PAIR in showing else GROUP

    def __bool__(self) -> bool:
        return bool(self.circles)


NO_PEERING = Peering()


def may_be_peer(person: Profile | None, day: date, district: District) -> bool:
    """Whether she is of a circle as a teacher among teachers: nobody who may have power over the
    others is, also where it is only possible, by a role that the district has not explained."""
    if person is None or not person.active or not person.teaches(day):
        return False
    return not person.may_lead(day, district.roles)


def peering_of(
    reader: Profile | None, teacher: Profile | None, day: date, district: District
) -> Peering:
    if reader is None or teacher is None or not teacher.active:
        return NO_PEERING
    years = counting_years(day, district)
    circles = tuple(
        each for each in teacher.circles if reader.person in each.peers and each.year in years
    )
    return Peering(circles) if circles and may_be_peer(reader, day, district) else NO_PEERING
