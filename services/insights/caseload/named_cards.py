"""Cards with what the roster says of their teachers, and what it calls their schools.

A name belongs to a person and not to one of her years: it is not folded into cards but put
beside them when they are read, from the access view, whose profiles are kept in memory. (A
`$lookup` in the same query would read as fresh, for twice the time of a read.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.access.profile import People, Profile
from services.chassis.views.projection import Row
from services.insights.caseload.cards import PERSON, PLANS, SCHOOLS
from services.insights.caseload.stores import CardMark, Cards, Listed
from services.insights.org.read import OrgNames
from services.insights.program.read import ProgramPlans


class KnownCard(Protocol):
    @property
    def mark(self) -> CardMark | None: ...

    def was_made_for(self, person: Profile | None) -> bool:
        """Whether that was known of its teacher."""


class NamedCards:
    """As `Cards`, each method with 1 database command more where a profile is not in memory."""

    def __init__(
        self, cards: Cards, people: People, orgs: OrgNames, programs: ProgramPlans
    ) -> None:
        self._cards, self._people = cards, people
        self.orgs, self.programs = orgs, programs

    async def means(self, district: str) -> str:
        """The same as long as what stands beside cards, but for their teachers, says the same."""
        called, planned = await self.orgs.of(district), await self.programs.of(district)
        return f"{called.means} {planned.means}"

    def known_means(self, district: str) -> str:
        """As last read."""
        return f"{self.orgs.known(district).means} {self.programs.known(district).means}"

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        return await self.named(
            district, await self._cards.caseload(district, coach, *school_years)
        )

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, KnownCard]
    ) -> Sequence[Listed]:
        """A card is known no more, too, when what is known of its teacher is another thing."""
        teachers = {row_id: _teacher(row_id) for row_id in known}
        people = await self._people.profiles(district, teachers.values())
        same = {
            row_id: each.mark
            for row_id, each in known.items()
            if each.mark and each.was_made_for(people[teachers[row_id]])
        }
        found = await self._cards.unless_known(district, coach, school_year, same)
        new = await self.named(district, [each.row for each in found if each.row is not None])
        if not new:
            return found
        rows = {row["_id"]: row for row in new}
        return [each._replace(row=rows.get(each.id)) for each in found]

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
        """Rows of one district, each with its teacher's profile, None where there is none, and
        what the orgs of her roles are called and the programs plan."""
        if not rows:
            return rows
        teachers = [_teacher(row["_id"]) for row in rows]
        people = await self._people.profiles(district, teachers)
        called = await self.orgs.of(district)
        plans = (await self.programs.of(district)).plans
        return [
            {
                **row,
                PERSON: person,
                SCHOOLS: called.of(person.orgs if person else ()),
                PLANS: plans,
            }
            for row, teacher in zip(rows, teachers, strict=True)
            for person in (people[teacher],)
        ]


def _district(row_id: str) -> str:
    return row_id.partition(":")[0]


def _teacher(row_id: str) -> str:
    return row_id.partition(":")[2].partition(":")[0]
