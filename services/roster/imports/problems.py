"""What was wrong in a roster file, or was read although it was written otherwise, and where;
never what stood there."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field

MOST_LISTED = 1_000


class RowCode(enum.StrEnum):
    """Stable codes of row problems."""

    WRONG_CELL_COUNT = "wrong_cell_count"
    MALFORMED_ROW = "malformed_row"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    REQUIRED = "required"
    BAD_ID = "bad_id"
    RESERVED_ID = "reserved_id"
    BAD_VALUE = "bad_value"
    BAD_DATE = "bad_date"
    BAD_YEAR = "bad_year"
    YEAR_DIFFERS = "school_year_differs"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    SESSION_TOO_LONG = "session_too_long"
    END_BEFORE_START = "end_before_start"
    DUPLICATE = "duplicate"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_ORG = "unknown_org"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_COURSE = "unknown_course"
    UNKNOWN_CLASS = "unknown_class"
    NO_ROLE = "no_role"
    NOT_STAFF = "not_staff"
    TOO_MANY_REMOVALS = "too_many_removals"
    UNREADABLE_ROW = "unreadable_row"
    TOO_MANY_ROLES_LOST = "too_many_roles_lost"
    TOO_MANY_LEAVE = "too_many_leave"
    CLASS_LOSES_TEACHER = "class_loses_teacher"
    CLASS_LOSES_PEOPLE = "class_loses_people"
    TOO_MANY_RECORDS = "too_many_records"


class NoteCode(enum.StrEnum):
    """Stable codes of notes."""

    LETTER_CASE = "letter_case"
    US_DATE = "us_date"
    OTHER_DATE = "other_date"
    FILE_NAME = "file_name"
    MISSPELLED = "misspelled_column"
    EXTRA_COLUMN = "extra_column"
    EMPTY_FILE = "empty_file"
    UTF_16 = "utf_16"
    LINE_BREAK = "line_break"
    STATUS_IN_BULK = "status_in_bulk"
    NOT_A_SCHOOL = "not_a_school"
    VERSION = "version"
    UNKNOWN_MODE = "unknown_mode"
    UNUSED_ROLE = "unused_role"
    ADMINISTRATOR = "administrator"
    CHANGED_AGAIN = "changed_again"
    STUDENTS_NOT_COUNTED = "students_not_counted"
    SHARED_IDENTIFIER = "shared_identifier"
    MATCHES_WAIT = "matches_wait"


REASONS: dict[RowCode, str] = {
    RowCode.WRONG_CELL_COUNT: "The row has not as many cells as the header.",
    RowCode.MALFORMED_ROW: "The row's quotes do not match.",
    RowCode.CONTROL_CHARACTER: "A cell holds a control character.",
    RowCode.TOO_LONG: "The cell is too long.",
    RowCode.TOO_MANY: "There are too many of these for one record.",
    RowCode.REQUIRED: "The cell is empty and must not be.",
    RowCode.BAD_ID: "An id is 1 to 255 of the characters A-Z a-z 0-9 . - _ / @ and not `me`.",
    RowCode.RESERVED_ID: "Under that id something else is kept beside people: give her another.",
    RowCode.BAD_VALUE: "The value is not one that OneRoster has for this column.",
    RowCode.BAD_DATE: "A date is a calendar date as YYYY-MM-DD, YYYYMMDD or YYYY/M/D, or as "
    "Excel writes it, M/D/YYYY.",
    RowCode.BAD_YEAR: "A school year is the year it ends in, 2000 to 2100.",
    RowCode.YEAR_DIFFERS: "The dates lie in another school year; that year was taken.",
    RowCode.DATE_OUT_OF_RANGE: "An academic session lies between 2000 and 2101.",
    RowCode.SESSION_TOO_LONG: "An academic session is not longer than two years.",
    RowCode.END_BEFORE_START: "The end must come after the start.",
    RowCode.DUPLICATE: "An earlier row of the file has this id.",
    RowCode.UNKNOWN_ROLE: "There is no such role.",
    RowCode.UNKNOWN_ORG: "The file has no such org.",
    RowCode.UNKNOWN_USER: "The file has no such user.",
    RowCode.UNKNOWN_SESSION: "The file has no such academic session.",
    RowCode.UNKNOWN_COURSE: "The file has no such course.",
    RowCode.UNKNOWN_CLASS: "The file has no such class.",
    RowCode.NO_ROLE: "roles.csv gives the user no valid role; what is stored of them stays.",
    RowCode.NOT_STAFF: "The user is no active member of staff in this file.",
    RowCode.TOO_MANY_REMOVALS: "Too large a share of the records would be removed: nothing was "
    "changed. Import again with removals allowed if that is meant.",
    RowCode.UNREADABLE_ROW: "Records are missing, yet a row's id could not be read: "
    "none was removed.",
    RowCode.TOO_MANY_ROLES_LOST: "Too large a share of the people would lose roles: nothing was "
    "changed. Import again with removals allowed if that is meant.",
    RowCode.TOO_MANY_LEAVE: "Too large a share of the people would leave their classes: nothing "
    "was changed. Import again with removals allowed if that is meant.",
    RowCode.CLASS_LOSES_TEACHER: "The class would lose its last teacher, who stays. "
    "Import again with removals allowed if that is meant.",
    RowCode.CLASS_LOSES_PEOPLE: "The class would lose more than half of its people; all stay. "
    "Import again with removals allowed if that is meant.",
    RowCode.TOO_MANY_RECORDS: "A district has no more of these; the last new ones were not taken.",
}

# A file that looks broken as a whole: nothing of it is taken.
STOPPING = frozenset(
    {RowCode.TOO_MANY_REMOVALS, RowCode.TOO_MANY_ROLES_LOST, RowCode.TOO_MANY_LEAVE}
)
HELD = STOPPING | frozenset(
    {
        RowCode.UNREADABLE_ROW,
        RowCode.CLASS_LOSES_TEACHER,
        RowCode.CLASS_LOSES_PEOPLE,
        RowCode.TOO_MANY_RECORDS,
    }
)

NOTES: dict[NoteCode, str] = {
    NoteCode.LETTER_CASE: "Read although its letters' case is not OneRoster's.",
    NoteCode.US_DATE: "Read as month/day/year, as Excel writes dates in the US.",
    NoteCode.OTHER_DATE: "Read as year, month and day; a time of day was passed over.",
    NoteCode.FILE_NAME: "Read although the letters of its name are not OneRoster's.",
    NoteCode.MISSPELLED: "Read as the column that is meant.",
    NoteCode.EXTRA_COLUMN: "Passed over: OneRoster has no such column.",
    NoteCode.EMPTY_FILE: "There is nothing in the file, not even a header; it was passed over.",
    NoteCode.UTF_16: "Read as UTF-16, as its byte order mark says.",
    NoteCode.LINE_BREAK: "A line break within a cell was read as a space.",
    NoteCode.STATUS_IN_BULK: "Read although status belongs to files of changes: tobedeleted "
    "counts, active says nothing new.",
    NoteCode.NOT_A_SCHOOL: "A class of an org that is no school was taken as it is.",
    NoteCode.VERSION: "Read as the version that is meant.",
    NoteCode.UNKNOWN_MODE: "Neither bulk, delta nor absent; the file is not read in any case.",
    NoteCode.UNUSED_ROLE: "A role of the district's own that the districts file does not "
    "explain: name it there under roles, as leading, coaching or other. Until then whoever holds "
    "it may lead, and teachers whom she coaches are asked to acknowledge that.",
    NoteCode.ADMINISTRATOR: "OneRoster 1.1 has one administrator: of an org above the schools it "
    "was read as districtAdministrator, of any other as siteAdministrator.",
    NoteCode.CHANGED_AGAIN: "A record with two rows was read as the one changed last says.",
    NoteCode.STUDENTS_NOT_COUNTED: "Enrollments of students in a file of changes: who was in "
    "the class before is not kept, so its number of students stays until the next bulk file.",
    NoteCode.SHARED_IDENTIFIER: "More than two records have the same: it tells no person, and "
    "nobody is proposed by it.",
    NoteCode.MATCHES_WAIT: "More may be one person than can wait for somebody to decide: the next "
    "files propose them.",
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """`line` counts from 1, the header; 0 is the file as a whole. `said`: what there is to say
    beyond the code's own reason."""

    file: str
    line: int
    column: str
    code: RowCode
    said: str = ""

    @property
    def reason(self) -> str:
        return f"{REASONS[self.code]} {self.said}".rstrip()


@dataclass(frozen=True, slots=True)
class RowNote:
    """What was read all the same, in so many `rows` of a file; no problem."""

    file: str
    column: str
    code: NoteCode
    rows: int

    @property
    def reason(self) -> str:
        return NOTES[self.code]


@dataclass
class Problems:
    """The first 1,000 in full, what was held back before all else; all are counted. `notes` by
    file, column and code, `totals` by file and code; `rejected` are rows of which nothing was
    taken, by file."""

    listed: list[RowProblem] = field(default_factory=list)
    count: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    totals: Counter[tuple[str, RowCode]] = field(default_factory=Counter)
    _held: int = 0
    _noted: Counter[tuple[str, str, NoteCode]] = field(default_factory=Counter)

    def add(self, file: str, line: int, column: str, code: RowCode, said: str = "") -> None:
        self.count += 1
        self.totals[file, code] += 1
        problem = RowProblem(file, line, column, code, said)
        if code in HELD and self._held < MOST_LISTED:
            self.listed.insert(self._held, problem)
            self._held += 1
            del self.listed[MOST_LISTED:]
        elif len(self.listed) < MOST_LISTED:
            self.listed.append(problem)

    def reject(self, file: str, line: int, column: str, code: RowCode, said: str = "") -> None:
        """A row of which nothing is taken."""
        self.rejected[file] += 1
        self.add(file, line, column, code, said)

    @property
    def stopping(self) -> bool:
        """Whether the file looks so broken that nothing of it may be taken."""
        return any(code in STOPPING for _, code in self.totals)

    def note(self, file: str, column: str, code: NoteCode, rows: int = 1) -> None:
        """So many more rows with that note."""
        self._noted[file, column, code] += rows

    @property
    def notes(self) -> list[RowNote]:
        return [RowNote(*where, rows) for where, rows in self._noted.items()]
