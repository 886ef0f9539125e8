"""A class: who teaches it, and how many students it has. Which students is not known here."""

from __future__ import annotations

from dataclasses import dataclass

from services.roster.domain.record import Record

MOST_TEACHERS = 100


@dataclass(kw_only=True)
class Class(Record):
    """`school` is an org, `sessions` academic sessions, `teachers` persons: sourcedIds, the
    latter two ascending. `school_year` is that of the newest session."""

    title: str
    school: str
    teachers: tuple[str, ...]
    student_count: int
    sessions: tuple[str, ...]
    school_year: int
    grades: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    def _left_by(self, new: Class) -> tuple[str, ...]:
        return tuple(teacher for teacher in self.teachers if teacher not in new.teachers)
