"""Cards with what the roster says of their teachers.

A name belongs to a person and not to one of her years: it is not folded into cards but put
beside them when they are read, from the access view, whose profiles are kept in memory. (A
`$lookup` in the same query would read as fresh, for twice the time of a read.)
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from services.access.profile import People, Profile
from services.chassis.views.projection import Row
from services.insights.caseload.cards import PERSON
from services.insights.caseload.stores import CardMark, Cards, Listed


class NamedCards:
    """As `Cards`, each method with 1 database command more where a profile is not in memory."""

    def __init__(self, cards: Cards, people: People) -> None:
        self._cards, self._people = cards, people

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        return await self.named(
            district, await self._cards.caseload(district, coach, *school_years)
        )

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        """A card's mark is another one, too, when what is said of its teacher is, or what she
        shows. The mark of one that is left out holds her as she is now: whom she lets in may
        have changed."""
        people = dict(await self._people.profiles(district, [_teacher(row_id) for row_id in known]))
        same = {
            row_id: CardMark(mark.build, mark.rev)
            for row_id, mark in known.items()
            if _says_the_same(mark.person, people[_teacher(row_id)])
        }
        found = await self._cards.unless_known(district, coach, school_year, same)
        new = [_teacher(each.id) for each in found if each.row is not None]
        if new:
            people |= await self._people.profiles(district, new)
        return [_listed(each, known.get(each.id), people[_teacher(each.id)]) for each in found]

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        rows = await self._cards.rows(ids)
        districts = {_district(row_id) for row_id in rows}
        return {
            row["_id"]: row
            for district in districts
            for row in await self.named(
                district, [row for id_, row in rows.items() if _district(id_) == district]
            )
        }

    async def named(self, district: str, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows of one district, each with its teacher's profile; None where there is none."""
        teachers = [_teacher(row["_id"]) for row in rows]
        people = await self._people.profiles(district, teachers)
        return [
            {**row, PERSON: people[teacher]} for row, teacher in zip(rows, teachers, strict=True)
        ]


def _listed(each: Listed, known: CardMark | None, person: Profile | None) -> Listed:
    mark = each.mark or known
    return Listed(
        each.id,
        mark and mark._replace(person=person),
        None if each.row is None else {**each.row, PERSON: person},
    )


def _says_the_same(one: Profile | None, other: Profile | None) -> bool:
    return one is other or (one and _said(one)) == (other and _said(other))


def _said(person: Profile) -> Hashable:
    """What is said of a teacher on her card, and what she shows to whom."""
    shown = frozenset((tie.coach, tie.school_year, tie.sees) for tie in person.ties)
    return person.given_name, person.family_name, person.orgs, shown


def _district(row_id: str) -> str:
    return row_id.partition(":")[0]


def _teacher(row_id: str) -> str:
    return row_id.partition(":")[2].partition(":")[0]
