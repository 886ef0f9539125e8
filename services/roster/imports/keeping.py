"""What wrong rows speak of stays as it is stored: roles, teachers, students, school years."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.roster.academic_session.domain import AcademicSession
from services.roster.came import kept, of_named
from services.roster.class_.domain import Class, fit
from services.roster.imports.problems import RowCode
from services.roster.imports.roster_file import Enrolled, ParsedRoster
from services.roster.person.domain import Person, Role, taken_of
from services.roster.record import Status


def keep_roles(parsed: ParsedRoster, stored: Mapping[str, Person], today: str) -> None:
    """Give people the stored roles that a wrong row may have said."""
    for sourced, new in parsed.people.records.items():
        known = stored.get(sourced)
        if known is not None and known.status is Status.ACTIVE:
            doubtful = [
                each
                for each in missing_roles(new, known)
                if parsed.role_doubts.about(sourced, each.role, each.org)
            ]
            if doubtful:  # else what it says is shared with others, and stays so
                new.give(doubtful, today, taken_of(known, doubtful))


def missing_roles(new: Person, known: Person) -> list[Role]:
    """Stored roles of which the file says nothing."""
    said = {(each.role, each.org) for each in new.roles}
    return [each for each in known.roles if (each.role, each.org) not in said]


def set_years(parsed: ParsedRoster, sessions: Mapping[str, AcademicSession]) -> None:
    """Give classes the year of their newest session. One of which none is known, since their
    rows are wrong, is reported and stays as it is stored."""
    for sourced, each in list(parsed.classes.records.items()):
        years = [sessions[term].school_year for term in each.sessions if term in sessions]
        if years:
            each.school_year = max(years)
            continue
        del parsed.classes.records[sourced]
        parsed.classes.spoiled.add(sourced)
        line = parsed.classes.lines.get(sourced, 0)
        parsed.problems.add("classes.csv", line, "termSourcedIds", RowCode.UNKNOWN_SESSION)


def keep_enrolled(
    parsed: ParsedRoster, stored: Mapping[str, Class], people: Collection[str], forced: bool
) -> None:
    """Leave classes the stored teachers whom a wrong row may have said, and as many of their
    students as wrong rows may be of. `people`: those in the roster after the import."""
    strays = sum(
        rows for class_id, rows in parsed.strays.items() if class_id not in stored and not forced
    )
    for sourced, new in parsed.classes.records.items():
        teachers = {each for each in new.teachers if each in people}
        said = set(new.teachers)
        known = stored.get(sourced)
        if known is not None and known.status is Status.ACTIVE:
            teachers |= {
                each
                for each in known.teachers
                if each in people and parsed.teacher_doubts.about(sourced, each)
            }
            doubtful = parsed.enrolled.get(sourced, Enrolled()).doubtful + strays
            most = new.student_count + doubtful
            new.student_count = min(max(new.student_count, known.student_count), most)
            if not fit(teachers):
                teachers = set(known.teachers)
            new.came = kept(new.came, known.came, teachers - said)
        new.came = of_named(new.came, teachers)
        in_order = tuple(sorted(teachers))
        if new.teachers != in_order:  # else it stays what stored records share
            new.teachers = in_order
        perhaps = parsed.enrolled.get(sourced, Enrolled()).perhaps_lead
        new.keep_leads(known or new, (teachers - said) | perhaps)
