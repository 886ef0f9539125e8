"""A roster file as read: what the import use case takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from services.access.districts import OwnRoles, PersonIdentifier
from services.roster.academic_session.domain import AcademicSession
from services.roster.class_.domain import Class
from services.roster.imports.doubts import Doubts
from services.roster.imports.problems import Problems
from services.roster.org.domain import Org
from services.roster.person.domain import Person
from services.roster.record import RosterRecord

R = TypeVar("R", bound=RosterRecord)
MOST_SPOILED = 500_000


@dataclass
class Nouns(Generic[R]):
    """The records of one noun, by sourcedId, and their `lines`. Of other ids: `spoiled` stood
    in wrong rows, and their stored records stay as they are; `unsaid` lack what the file must
    say of them, and stay likewise unless forced; `deleted` are marked so. What is in none of
    these is to be removed, but nothing is where a row's id could not be told (`unread`), unless
    forced. `kept`: fields of records that stay as they are stored.

    Where the file says only what has changed, `known` are the ids in use that are stored: what
    it does not name stays."""

    records: dict[str, R] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    unread: bool = False
    kept: dict[str, set[str]] = field(default_factory=dict)
    known: Collection[str] | None = None
    modified: dict[str, str] = field(default_factory=dict)  # of a delta: when, as it is written

    @property
    def delta(self) -> bool:
        return self.known is not None

    def spoil(self, ids: Collection[str]) -> None:
        """A wrong row may be of any of these; of any at all where there is none."""
        if not ids or len(self.spoiled) > MOST_SPOILED:
            self.unread = True
        else:
            self.spoiled.update(ids)

    def keep(self, sourced_id: str, name: str) -> None:
        self.kept.setdefault(sourced_id, set()).add(name)

    def named(self, sourced_id: str) -> bool:
        """Whether the file has such a record, be its rows wrong, or does not change it."""
        if any(sourced_id in ids for ids in (self.records, self.spoiled, self.unsaid)):
            return True
        return sourced_id in (self.known or ()) and sourced_id not in self.deleted


@dataclass
class Enrolled:
    """What enrollments.csv tells of a class beside its teachers and its number of students.
    `left`: teachers whose enrollments are over or have not begun, `students_left`: how many
    students likewise; `doubtful`: wrong rows that may be of one student more, each;
    `perhaps_lead`: teachers of whom it cannot be read whether they do."""

    left: set[str] = field(default_factory=set)
    students_left: int = 0
    doubtful: int = 0
    perhaps_lead: set[str] = field(default_factory=set)


@dataclass
class ParsedRoster:
    """The valid records of a file, all of version 0. A person's `school_years` and a class's
    `school_year` are left empty: they depend on what is stored, too. A class's teachers may be
    people whose rows are wrong. Doubts are of (person, role, org) and of (class, teacher).
    `strays`: wrong rows that may be of one more student, by the class that they name and that
    the file does not have; empty where they name none. `identifiers` of the people whose rows
    are good, as they stand there: kept nowhere."""

    orgs: Nouns[Org] = field(default_factory=Nouns)
    sessions: Nouns[AcademicSession] = field(default_factory=Nouns)
    people: Nouns[Person] = field(default_factory=Nouns)
    classes: Nouns[Class] = field(default_factory=Nouns)
    enrolled: dict[str, Enrolled] = field(default_factory=dict)
    strays: Counter[str] = field(default_factory=Counter)
    role_doubts: Doubts = field(default_factory=Doubts)
    teacher_doubts: Doubts = field(default_factory=Doubts)
    problems: Problems = field(default_factory=Problems)
    identifiers: dict[str, set[tuple[PersonIdentifier, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """Stored records by sourcedId; those in use are what a file of changes builds on."""

    orgs: Mapping[str, Org] = field(default_factory=dict)
    sessions: Mapping[str, AcademicSession] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    classes: Mapping[str, Class] = field(default_factory=dict)


class RosterFile(Protocol):
    async def changes(self) -> bool:
        """Whether it says of some noun only what has changed. Raises Fault INVALID or TOO_LARGE
        where nothing of it can be used."""

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        """Parse the file of a district that has roles of its own; enrollments that are over by
        `today` (YYYY-MM-DD) or have not begun do not count. `known` is looked at where it has
        `changes`. Raises as they do."""
