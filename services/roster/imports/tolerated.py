"""What real files do beside what OneRoster says, and what becomes of it. The page for district IT
has the same table."""

from __future__ import annotations

from typing import NamedTuple

from services.roster.imports.problems import NoteCode, RowCode


class Tolerance(NamedTuple):
    """`code`: of a note where it costs nothing, of a row that is reported, or the one with which
    the whole file is refused."""

    real: str
    done: str
    code: str


TOLERATED: tuple[Tolerance, ...] = (
    Tolerance("file names in letters of another case", "read", NoteCode.FILE_NAME),
    Tolerance(
        "headers, terms and modes in letters of another case (`TRUE`, `Scheduled`)",
        "read",
        NoteCode.LETTER_CASE,
    ),
    Tolerance(
        "misspelled headers (`dataLastModified`, `prefferedGivenName`)",
        "read as what is meant",
        NoteCode.MISSPELLED,
    ),
    Tolerance(
        "columns that OneRoster does not have",
        "passed over; without a note where they begin with `metadata.` or `ext`",
        NoteCode.EXTRA_COLUMN,
    ),
    Tolerance(
        "the version as `1`, `1.20` or not at all", "read as what is meant", NoteCode.VERSION
    ),
    Tolerance(
        "a mode that is none, of a file that is not read", "passed over", NoteCode.UNKNOWN_MODE
    ),
    Tolerance(
        "`8/1/2026`, with or without a time of day",
        "read as month/day/year; what cannot be that is `bad_date`",
        NoteCode.US_DATE,
    ),
    Tolerance(
        "`20260801`, `2026/8/1`, `2026-08-01T00:00:00Z`",
        "read; the time of day is passed over",
        NoteCode.OTHER_DATE,
    ),
    Tolerance(
        "a byte order mark, CRLF, empty lines, spaces around cells", "read without a note", ""
    ),
    Tolerance("UTF-16 with a byte order mark", "converted", NoteCode.UTF_16),
    Tolerance(
        "Windows-1252, UTF-16 without a mark, any other encoding",
        "refused, with the first line that is not UTF-8: guessing would spoil names",
        "not_utf8",
    ),
    Tolerance(
        "line breaks within quotes",
        "a row of up to 20 lines is put together, a break is a space",
        NoteCode.LINE_BREAK,
    ),
    Tolerance("a quote that nobody closes", "that row alone is wrong", RowCode.MALFORMED_ROW),
    Tolerance(
        "rows with fewer or more cells than the header",
        "wrong: which cell is missing is not known",
        RowCode.WRONG_CELL_COUNT,
    ),
    Tolerance(
        "`courses.csv`, or a file of changes, with nothing in it",
        "passed over",
        NoteCode.EMPTY_FILE,
    ),
    Tolerance(
        "`status` filled in bulk files",
        "`tobedeleted` counts, `active` says nothing new",
        NoteCode.STATUS_IN_BULK,
    ),
    Tolerance(
        "an org's parent that is not there",
        "the org is taken and keeps the parent that is stored",
        RowCode.UNKNOWN_ORG,
    ),
    Tolerance(
        "a session's parent that is not there",
        "the session is taken and keeps the parent that is stored",
        RowCode.UNKNOWN_SESSION,
    ),
    Tolerance(
        "classes of a department or of the district itself",
        "taken as they are",
        NoteCode.NOT_A_SCHOOL,
    ),
    Tolerance(
        "enrollments and roles of users who are not in the file",
        "that row alone is wrong",
        RowCode.UNKNOWN_USER,
    ),
    Tolerance(
        "an id that is there twice", "the first row counts, the others are wrong", RowCode.DUPLICATE
    ),
    Tolerance(
        "the year in which a school year begins as `schoolYear`",
        "that of its dates is taken",
        RowCode.YEAR_DIFFERS,
    ),
)
