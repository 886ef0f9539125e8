"""manifest.csv: which files a OneRoster zip holds, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.chassis.kernel import invalid
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.problems import NoteCode, Problems

NAME = "manifest.csv"
NEEDED = ("orgs", "users", "roles", "academicSessions", "classes", "enrollments")
MOST_LINES = 1_000
COURSES = "courses"  # looked at if it is there; nothing of it is kept
_OTHERS = """categories classResources courseResources demographics lineItemLearningObjectiveIds
    lineItemScoreScales lineItems resources resultLearningObjectiveIds resultScoreScales results
    scoreScales userProfiles userResources""".split()
# What a spreadsheet leaves of a number is noted.
_VERSIONS = {
    "manifest.version": ("1.0", re.compile(r"1(\.0+)*")),
    "oneroster.version": ("1.2", re.compile(r"1\.20*(\.[0-9]{1,3})?")),
}


@dataclass(frozen=True, slots=True)
class _Property:
    line: int
    value: str


def read_manifest(archive: Archive, problems: Problems) -> frozenset[str]:
    """The names of the CSV files that are to be read; one that is needed may be missing. Raises
    Fault INVALID, with the line and the property, unless the zip is a OneRoster 1.2 bulk set with
    every file that the import needs. What the manifest says of other files does not matter; the
    oddest of it is noted."""
    if NAME not in archive:
        raise invalid("no_manifest", "The zip has no manifest.csv.")
    properties = _properties(archive)
    for name, (wanted, accepted) in _VERSIONS.items():
        found = _property(properties, name, "unsupported_version")
        if not accepted.fullmatch(found.value):
            raise _fault("unsupported_version", found, f"{name} is not {wanted}")
        if found.value != wanted:
            problems.note(NAME, name, NoteCode.VERSION)
    for each in NEEDED:
        found = _property(properties, f"file.{each}", "file_not_bulk")
        how = found.value.lower()
        if how == "delta":
            raise _fault(
                "delta_not_supported", found, f"file.{each} is delta, and only bulk files are taken"
            )
        if how != "bulk":
            code = "file_not_bulk" if how == "absent" else "bad_manifest"
            raise _fault(code, found, f"file.{each} is not bulk")
        if how != found.value:
            problems.note(NAME, f"file.{each}", NoteCode.LETTER_CASE)
    for each in (*_OTHERS, COURSES):
        odd = properties.get(f"file.{each}")
        if odd is not None and odd.value.lower() not in ("bulk", "delta", "absent"):
            problems.note(NAME, f"file.{each}", NoteCode.UNKNOWN_MODE)
    courses = properties.get(f"file.{COURSES}")
    if courses is None or courses.value.lower() != "bulk" or f"{COURSES}.csv" not in archive:
        return frozenset(NEEDED)
    return frozenset((*NEEDED, COURSES))


def _properties(archive: Archive) -> dict[str, _Property]:
    """By name. Raises Fault INVALID where the line of one that matters is malformed."""
    matter = {*_VERSIONS, *(f"file.{each}" for each in NEEDED)}
    properties: dict[str, _Property] = {}

    def malformed(row: Malformed) -> None:
        named = matter & set(row.pieces)
        if named:
            raise invalid("bad_manifest", f"{NAME} line {row.line}: {named.pop()} is malformed.")

    table = CsvTable(archive, NAME, ("propertyName", "value"), most_rows=MOST_LINES)
    for row in table.rows(Problems(), malformed):
        name, value = row.cells["propertyName"].strip(), row.cells["value"].strip()
        properties[name] = _Property(row.line, value)
    return properties


def _property(properties: dict[str, _Property], name: str, code: str) -> _Property:
    if name not in properties:
        raise invalid(code, f"{NAME}: {name} is missing.")
    return properties[name]


def _fault(code: str, at: _Property, what: str) -> Exception:
    return invalid(code, f"{NAME} line {at.line}: {what}.")
