"""The people of a simulated district, as its roster says who they are."""

from __future__ import annotations

from typing import Any

from services.access.districts import OwnRoles
from services.roster.academic_session.domain import AcademicSession
from services.roster.class_.domain import Class
from services.roster.imports.roster_file import KnownRecords, Nouns, ParsedRoster
from services.roster.org.domain import Org
from services.roster.person.domain import Person, Role, held
from services.roster.record import record_id

YEAR = 2027
TEACHERS, COACHES = ("t1", "t2", "t3"), ("c1", "c2")
STUDENTS = 10  # one answer less is another band


class SmallRoster:
    """A `RosterFile` of a few people; in the second edition a class has changed hands."""

    def __init__(self, edition: int) -> None:
        self._edition = edition

    async def changes(self) -> bool:
        return False

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        def said(kind: str, name: str) -> dict[str, Any]:
            return {
                "id": record_id(district, kind, name),
                "district": district,
                "sourced_id": name,
            }

        def person(name: str) -> Person:
            role = Role("ext:coach" if name in COACHES else "teacher", "school", "primary")
            family = "Doe" if self._edition == 1 or name != "t1" else "Roe"
            return Person(
                **said("person", name),
                given_name=name,
                family_name=family,
                roles=(role,),
                school_years=(),
                held=held((role,), "2026-10-05"),
            )

        teachers = ("t1", "t2") if self._edition == 1 else ("t1", "t3")
        session = AcademicSession(
            **said("session", "year"),
            title="Year",
            type="schoolYear",
            start="2026-08-01",
            end="2027-06-30",
            school_year=YEAR,
        )
        each = Class(
            **said("class", "math"),
            title="Math",
            school="school",
            teachers=teachers,
            student_count=STUDENTS,
            sessions=("year",),
            school_year=YEAR,
        )
        school = Org(**said("org", "school"), name="School", type="school")
        return ParsedRoster(
            orgs=Nouns({"school": school}),
            sessions=Nouns({"year": session}),
            people=Nouns({name: person(name) for name in (*TEACHERS, *COACHES)}),
            classes=Nouns({"math": each}),
        )
