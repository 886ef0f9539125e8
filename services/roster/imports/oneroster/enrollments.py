"""enrollments.csv: who teaches a class, and how many learn there."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice, product

from services.roster.class_.domain import Class, fit
from services.roster.imports.doubts import Stranger
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.row import CsvRow, WrongCell, is_id
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.oneroster.users import Users
from services.roster.imports.problems import NoteCode, Problems, RowCode
from services.roster.imports.roster_file import Enrolled, ParsedRoster

MOST_ENROLLMENTS = 5_000_000
MOST_STRAYS = 10_000  # classes that are not in the file
MOST_PAIRS = 16  # of a class and a person in a row without cells; of more it may be anything
_COLUMNS = ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role")
_COLUMNS_TOO = ("status", "dateLastModified", "primary", "beginDate", "endDate")
_ROLES = ("administrator", "proctor", "student", "teacher")


def enrollments_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "enrollments.csv", _COLUMNS, _COLUMNS_TOO, MOST_ENROLLMENTS)


def read_enrollments(
    table: CsvTable | None,
    today: str,
    users: Users,
    stored: Mapping[str, Class],
    into: ParsedRoster,
) -> None:
    """Give the classes of `into` their teachers and their numbers of students: those whose
    enrollment has begun and not ended by `today`, each once. `stored`: the classes whose people a
    file of changes changes; it may have no `table`."""
    reader = _Reader(today, users, stored, into)
    if table is not None:
        _take_all(table, reader, into.problems)
    reader.finish()


def _take_all(table: CsvTable, reader: _Reader, problems: Problems) -> None:
    for row in table.rows(problems, reader.malformed):
        with table.reporting(row, problems):
            try:
                reader.take(row)
            except WrongCell:
                reader.doubt(row)
                raise


class _Reader:
    """Students are told apart by their lines in users.csv, of which a class keeps 4 bytes each."""

    def __init__(
        self, today: str, users: Users, stored: Mapping[str, Class], into: ParsedRoster
    ) -> None:
        self._today = today
        self._stored = stored
        self._users = users
        self._into = into
        self._enrolled: defaultdict[str, Enrolled] = defaultdict(Enrolled)
        self._teachers: dict[str, tuple[str, ...]] = {}
        self._leads: defaultdict[str, set[str]] = defaultdict(set)
        self._students: defaultdict[str, array[int]] = defaultdict(_lines)
        self._left: defaultdict[str, array[int]] = defaultdict(_lines)

    def take(self, row: CsvRow) -> None:
        """Raises WrongCell. A row of a wrong class is passed over: the class stays as it is."""
        with row.unkept():
            row.key("sourcedId")
        gone = row.deleted(self._into.classes.delta)
        try:
            self._take(row, gone)
        except WrongCell:
            if not gone:  # else it says nothing all the same
                raise

    def _take(self, row: CsvRow, gone: bool) -> None:
        role = row.choice("role", _ROLES, code=RowCode.UNKNOWN_ROLE)
        sourced = row.id("classSourcedId")
        if not self._of_class(sourced):
            return
        with row.unkept():
            if not gone and not self._into.orgs.named(row.id("schoolSourcedId")):
                raise WrongCell("schoolSourcedId", RowCode.UNKNOWN_ORG)
        line = self._users.line(row, "userSourcedId")
        begins, ends = row.days("beginDate", "endDate")
        here = not gone and begins <= self._today and not (ends and ends <= self._today)
        if role == "student":
            if sourced in self._stored:
                row.noted.add(("role", NoteCode.STUDENTS_NOT_COUNTED))
            (self._students if here else self._left)[sourced].append(line)
        elif role == "teacher":
            self._teacher(row, sourced, here)

    def _of_class(self, sourced: str) -> bool:
        """False where the class stays as it is. Raises WrongCell."""
        classes = self._into.classes
        if sourced in classes.records:
            return True
        if sourced in classes.spoiled:
            return False
        if sourced in classes.deleted or sourced not in self._stored:
            raise WrongCell("classSourcedId", RowCode.UNKNOWN_CLASS)
        return True

    def _teacher(self, row: CsvRow, sourced: str, here: bool) -> None:
        teacher = row.key("userSourcedId")
        if not here:
            self._enrolled[sourced].left.add(teacher)
            return
        if not self._into.people.named(teacher):
            raise WrongCell("userSourcedId", RowCode.NOT_STAFF)
        person = self._into.people.records.get(teacher)
        teacher = person.sourced_id if person else teacher
        teachers = self._teachers.get(sourced, ())
        if teacher not in teachers:
            if not fit([*teachers, teacher]):
                raise WrongCell("userSourcedId", RowCode.TOO_MANY)
            self._teachers[sourced] = (*teachers, teacher)
        self._lead(row, sourced, teacher)

    def _lead(self, row: CsvRow, sourced: str, teacher: str) -> None:
        try:
            if row.choice("primary", ("false", "true"), required=False) == "true":
                self._leads[sourced].add(teacher)
        except WrongCell as wrong:  # she teaches it all the same
            self._enrolled[sourced].perhaps_lead.add(teacher)
            row.remarks.append(wrong)

    def doubt(self, row: CsvRow) -> None:
        """What a wrong row may have said."""
        user = row.told("userSourcedId")
        self._doubt(row.one_of("role", _ROLES), row.told("classSourcedId"), user)

    def malformed(self, row: Malformed) -> None:
        roles = [each for each in _ROLES if each in map(str.lower, row.pieces)]
        role = roles[0] if len(roles) == 1 else ""
        classes = [each for each in row.pieces if self._into.classes.named(each)]
        users = [each for each in row.pieces if each in self._users.lines]
        pairs = list(islice(product(classes or [""], users or [""]), MOST_PAIRS + 1))
        for sourced, user in pairs if len(pairs) <= MOST_PAIRS else [("", "")]:
            self._doubt(role, sourced, user)

    def _doubt(self, role: str, sourced: str, user: str) -> None:
        """Empty is what could not be told. A wrong row of changes changes nothing."""
        classes, people = self._into.classes, self._into.people
        if classes.delta or role in ("administrator", "proctor"):
            return
        if sourced in classes.deleted or (
            sourced in classes.spoiled and sourced not in classes.records
        ):
            return  # nothing of it depends on this row
        known = user in self._users.lines
        if role != "teacher":
            self._one_student_more(sourced)
        if role == "student" or (known and not people.named(user)):
            return
        of = sourced if sourced in classes.records else _stranger(sourced)
        self._into.teacher_doubts.add(of, user if known else _stranger(user))

    def _one_student_more(self, sourced: str) -> None:
        if sourced in self._into.classes.records:
            self._enrolled[sourced].doubtful += 1
            return
        strays = self._into.strays
        full = len(strays) >= MOST_STRAYS and sourced not in strays
        strays[sourced if is_id(sourced) and not full else ""] += 1

    def finish(self) -> None:
        if self._into.classes.delta:
            self._change()
            return
        for sourced, each in self._into.classes.records.items():
            students = set(self._students.pop(sourced, ()))
            each.teachers = tuple(sorted(self._teachers.get(sourced, ())))
            self._set_leads(sourced, each)
            each.student_count = len(students)
            if left := len(set(self._left.get(sourced, ())) - students):
                self._enrolled[sourced].students_left = left
        self._tell()

    def _change(self) -> None:
        """Who was in a class before stays there but for those who have left it."""
        records = self._into.classes.records
        for sourced in self._teachers.keys() | self._enrolled.keys():
            if sourced not in records:
                records[sourced] = replace(self._stored[sourced], version=0)
        self._tell()
        for sourced, each in records.items():
            new = set(self._teachers.get(sourced, ()))
            known = self._stored.get(sourced)
            if known is None:
                each.teachers = tuple(sorted(new))
                self._set_leads(sourced, each)
                each.student_count = len(set(self._students.get(sourced, ())))
                continue
            left = self._enrolled.get(sourced, Enrolled()).left
            teachers = new.union(known.teachers) - left
            each.teachers = tuple(sorted(teachers)) if fit(teachers) else known.teachers
            self._set_leads(sourced, each)
            each.keep_leads(known, {*known.teachers} - new)
            each.student_count = known.student_count

    def _set_leads(self, sourced: str, each: Class) -> None:
        leads = tuple(sorted(self._leads.pop(sourced, ())))
        each.leads = each.teachers if leads == each.teachers else leads  # as of nearly all

    def _tell(self) -> None:
        for sourced, told in self._enrolled.items():
            told.left.difference_update(self._teachers.get(sourced, ()))
        self._into.enrolled.update(self._enrolled)


def _lines() -> array[int]:
    return array("I")


def _stranger(id: str) -> Stranger | None:
    return Stranger(id) if is_id(id) else None
