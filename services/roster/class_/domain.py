"""A class: who teaches it when and where, and how many students it has. Which students is not known
here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.roster.came import Came
from services.roster.record import RosterRecord

MOST_TEACHERS = 100
TEACHER_BYTES = 4_000  # of their ids: each class goes out once for each of them, with all of them


def fit(teachers: Collection[str]) -> bool:
    """Whether one class may have so many: 100, of together 4,000 characters."""
    return len(teachers) <= MOST_TEACHERS and sum(map(len, teachers)) <= TEACHER_BYTES


@dataclass(kw_only=True)
class Class(RosterRecord):
    """`school` is an org, `sessions` academic sessions, `teachers` persons: sourcedIds, the
    latter two ascending. `school_year` is that of the newest session. `came`: which of the teachers
    are named in place of others, since two records of one person became one. `leads`: those of the
    teachers whom the roster calls primary, ascending; `code`, `periods` and `location` are in its
    own words, and empty where it has none."""

    title: str
    school: str
    teachers: tuple[str, ...]
    student_count: int
    sessions: tuple[str, ...]
    school_year: int
    grades: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    came: tuple[Came, ...] = ()
    leads: tuple[str, ...] = ()
    code: str = ""
    periods: tuple[str, ...] = ()
    location: str = ""

    def keep_leads(self, known: Class, kept: Collection[str]) -> None:
        """Who is `kept` as she was known leads if she did; nobody leads who does not teach it."""
        leads = {*self.leads, *(each for each in known.leads if each in kept)}
        in_order = tuple(sorted(leads.intersection(self.teachers)))
        if in_order != self.leads:  # else it stays what other records share
            self.leads = in_order

    def _left_by(self, new: Class) -> tuple[str, ...]:
        return tuple(teacher for teacher in self.teachers if teacher not in new.teachers)
