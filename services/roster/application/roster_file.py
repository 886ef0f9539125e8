"""A roster file as read: what the import use case takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from services.roster.application.problems import Problems
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.class_ import Class
from services.roster.domain.org import Org
from services.roster.domain.person import Person
from services.roster.domain.record import Record

R = TypeVar("R", bound=Record)


@dataclass
class Nouns(Generic[R]):
    """The records of one noun, by sourcedId. `spoiled`: ids that stood in wrong rows, whose
    stored records stay as they are; what is in neither is to be removed. `kept`: the fields,
    by sourcedId, that stay as they are stored, since the file is wrong about them."""

    records: dict[str, R] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)
    kept: dict[str, set[str]] = field(default_factory=dict)

    def keep(self, sourced_id: str, name: str) -> None:
        self.kept.setdefault(sourced_id, set()).add(name)


@dataclass
class ParsedRoster:
    """The valid records of a file, all of version 0. A person's `school_years` are left
    empty: they depend on what is stored, too."""

    orgs: Nouns[Org] = field(default_factory=Nouns)
    sessions: Nouns[AcademicSession] = field(default_factory=Nouns)
    people: Nouns[Person] = field(default_factory=Nouns)
    classes: Nouns[Class] = field(default_factory=Nouns)
    problems: Problems = field(default_factory=Problems)


class RosterFile(Protocol):
    async def read(self, district: str, today: str) -> ParsedRoster:
        """Parse the file; enrollments that ended by `today` (YYYY-MM-DD) do not count.
        Raises Fault INVALID or TOO_LARGE where nothing of it can be used."""
