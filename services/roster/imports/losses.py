"""Guards against a file that says too little: what people and classes would lose by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from services.roster.came import kept
from services.roster.class_.domain import Class, fit
from services.roster.imports.keeping import missing_roles
from services.roster.imports.plan import would_be
from services.roster.imports.problems import Problems, RowCode
from services.roster.imports.roster_file import Enrolled, ParsedRoster
from services.roster.person.domain import Person
from services.roster.record import Status

FEW = 5  # losses up to here look like no broken export


def hold_roles(
    parsed: ParsedRoster, stored: Mapping[str, Person], today: str, share: float
) -> None:
    """Report that too large a share of the people would lose roles that are not over: that stops
    the import."""
    active = 0
    losing = 0
    for sourced, known in stored.items():
        if known.status is not Status.ACTIVE or not known.of_file:
            continue
        active += 1
        new = parsed.people.records.get(sourced)
        if new is not None:
            losing += any(not each.over(today) for each in missing_roles(new, known))
    if losing > max(FEW, share * active):
        said = would_be(losing, active, share, "people")
        parsed.problems.add("roles.csv", 0, "", RowCode.TOO_MANY_ROLES_LOST, said)


@dataclass(frozen=True, slots=True)
class _Loss:
    """Of one class: whom and how many it would lose though the file does not say that they
    have left."""

    new: Class
    known: Class
    teachers: frozenset[str]
    students: int

    @property
    def size(self) -> int:
        return len(self.known.teachers) + self.known.student_count

    @property
    def people(self) -> int:
        return len(self.teachers) + self.students

    def code(self) -> RowCode | None:
        """Why it looks like a mistake, if it does."""
        if self.teachers and not self.new.teachers:
            return RowCode.CLASS_LOSES_TEACHER
        if self.size >= FEW and 2 * self.people > self.size:
            return RowCode.CLASS_LOSES_PEOPLE
        return None

    def hold(self) -> None:
        teachers = sorted({*self.new.teachers, *self.teachers})
        if not fit(teachers):
            teachers = sorted(self.known.teachers)
        added = {*teachers}.difference(self.new.teachers)
        self.new.came = kept(self.new.came, self.known.came, added)
        self.new.teachers = tuple(teachers)
        self.new.keep_leads(self.known, added)
        if self.students:
            self.new.student_count = self.known.student_count


def hold_enrolled(
    parsed: ParsedRoster,
    stored: Mapping[str, Class],
    people: Collection[str],
    over: Callable[[Class], bool],
    share: float,
) -> int:
    """Leave classes their people where one would lose its last teacher or more than half of
    them; how many classes. Where all together would lose too many, that is reported and stops
    the import. Who leaves the roster, or whose enrollment is over by the file, is not lost, and
    a class that is over loses nothing."""
    losses: list[_Loss] = []
    places = 0
    for sourced, new in parsed.classes.records.items():
        known = stored.get(sourced)
        if known is None or known.status is not Status.ACTIVE or over(new):
            continue
        loss = _loss(new, known, parsed.enrolled.get(sourced, Enrolled()), people)
        places += loss.size
        if loss.people:
            losses.append(loss)
    leaving = sum(each.people for each in losses)
    if leaving > max(FEW, share * places):
        said = would_be(leaving, places, share, "places")
        parsed.problems.add("enrollments.csv", 0, "", RowCode.TOO_MANY_LEAVE, said)
        return 0
    return sum(_hold_one(each, parsed.classes.lines, parsed.problems) for each in losses)


def _loss(new: Class, known: Class, told: Enrolled, people: Collection[str]) -> _Loss:
    still = {each for each in known.teachers if each in people}
    students = known.student_count - new.student_count - told.students_left
    return _Loss(new, known, frozenset(still - {*new.teachers} - told.left), max(0, students))


def _hold_one(loss: _Loss, lines: Mapping[str, int], problems: Problems) -> bool:
    code = loss.code()
    if code is not None:
        loss.hold()
        said = f"It would lose {loss.people} of {loss.size} people."
        problems.add("classes.csv", lines.get(loss.new.sourced_id, 0), "sourcedId", code, said)
    return code is not None
