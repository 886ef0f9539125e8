"""What the roster use cases need."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.access.access import Access
from services.access.days import Days
from services.chassis.kernel import Clock
from services.chassis.write.write_path import WritePath
from services.roster.application.imports import Imports
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.class_ import Class
from services.roster.domain.org import Org
from services.roster.domain.person import Person
from services.roster.domain.school_calendar import SchoolCalendar


@dataclass(frozen=True, slots=True)
class Ports:
    """`most_removals`: the share of a noun's active records that one import may remove
    unforced, 0 to 1."""

    orgs: WritePath[Org]
    sessions: WritePath[AcademicSession]
    people: WritePath[Person]
    classes: WritePath[Class]
    calendars: WritePath[SchoolCalendar]
    access: Access
    days: Days
    clock: Clock
    most_removals: float = 0.2
    imports: Imports = field(default_factory=Imports)
