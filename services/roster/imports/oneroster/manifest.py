"""manifest.csv: which files a OneRoster zip holds, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.kernel import invalid
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.problems import NoteCode, Problems

NAME = "manifest.csv"
NEEDED = ("orgs", "users", "roles", "academicSessions", "classes", "enrollments")
MOST_LINES = 1_000
COURSES = "courses"  # looked at if it is there; nothing of it is kept
V11, V12 = "1.1", "1.2"
_OTHERS = """categories classResources courseResources demographics lineItemLearningObjectiveIds
    lineItemScoreScales lineItems resources resultLearningObjectiveIds resultScoreScales results
    scoreScales userProfiles userResources""".split()
# What a spreadsheet leaves of a number is noted.
_MANIFEST_VERSION, _VERSION = "manifest.version", "oneroster.version"
_OF_MANIFEST = re.compile(r"1(\.0+)*")
_VERSIONS = {each: re.compile(rf"{re.escape(each)}0*(\.[0-9]{{1,3}})?") for each in (V11, V12)}
# What one of the two says is understood by what the other says.
_TOGETHER = (("users", "roles"), ("classes", "enrollments"))
_BULK, _DELTA, _ABSENT = "bulk", "delta", "absent"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`version` is 1.1, where users carry role and orgs, or 1.2. `files`: the names of those to
    be read; one that is needed may be missing. `delta`: those that say only what has changed, be
    they absent because nothing has."""

    version: str
    files: frozenset[str]
    delta: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Property:
    line: int
    value: str


def read_manifest(archive: Archive, problems: Problems) -> Manifest:
    """Raises Fault INVALID, with the line and the property, unless the zip is a OneRoster 1.1 or
    1.2 set with every file that the import needs. What the manifest says of other files does not
    matter; the oddest of it is noted."""
    if NAME not in archive:
        raise invalid("no_manifest", "The zip has no manifest.csv.")
    properties = _properties(archive)
    version = _version(properties, problems)
    needed = [each for each in NEEDED if version == V12 or each != "roles"]
    modes = {each: _mode(properties, each, problems) for each in needed}
    changes = _DELTA in modes.values()
    for each, mode in modes.items():
        if mode == _ABSENT and not changes:
            found = _property(properties, f"file.{each}", "file_not_bulk")
            raise _fault("file_not_bulk", found, f"file.{each} is not bulk")
    for one, other in _TOGETHER:
        if other in modes and (modes[one] == _BULK) != (modes[other] == _BULK):
            what = f"file.{one} and file.{other} are not both bulk or both delta"
            raise invalid("mixed_modes", f"{NAME}: {what}.")
    for each in (*_OTHERS, COURSES):
        odd = properties.get(f"file.{each}")
        if odd is not None and odd.value.lower() not in (_BULK, _DELTA, _ABSENT):
            problems.note(NAME, f"file.{each}", NoteCode.UNKNOWN_MODE)
    files = {each for each, mode in modes.items() if mode != _ABSENT}
    courses = properties.get(f"file.{COURSES}")
    if courses is not None and courses.value.lower() == _BULK and f"{COURSES}.csv" in archive:
        files.add(COURSES)
    delta = {each for each, mode in modes.items() if mode != _BULK}
    return Manifest(version, frozenset(files), frozenset(delta))


def _version(properties: Mapping[str, _Property], problems: Problems) -> str:
    """Where the manifest does not say it, whether there are roles does."""
    of_manifest = properties.get(_MANIFEST_VERSION)
    if of_manifest is not None and not _OF_MANIFEST.fullmatch(of_manifest.value):
        raise _fault("unsupported_version", of_manifest, f"{_MANIFEST_VERSION} is not 1.0")
    if of_manifest is None or of_manifest.value != "1.0":
        problems.note(NAME, _MANIFEST_VERSION, NoteCode.VERSION)
    found = properties.get(_VERSION)
    if found is None or not found.value:
        problems.note(NAME, _VERSION, NoteCode.VERSION)
        roles = properties.get("file.roles")
        return V12 if roles is not None and roles.value.lower() in (_BULK, _DELTA) else V11
    for version, accepted in _VERSIONS.items():
        if accepted.fullmatch(found.value):
            if found.value != version:
                problems.note(NAME, _VERSION, NoteCode.VERSION)
            return version
    raise _fault("unsupported_version", found, f"{_VERSION} is neither 1.2 nor 1.1")


def _mode(properties: Mapping[str, _Property], name: str, problems: Problems) -> str:
    """That of a file that is needed; absent, too, where nothing is said of it."""
    found = properties.get(f"file.{name}")
    if found is None:
        return _ABSENT
    mode = found.value.lower()
    if mode not in (_BULK, _DELTA, _ABSENT):
        raise _fault("bad_manifest", found, f"file.{name} is neither bulk nor delta nor absent")
    if mode != found.value:
        problems.note(NAME, f"file.{name}", NoteCode.LETTER_CASE)
    return mode


def _properties(archive: Archive) -> dict[str, _Property]:
    """By name. Raises Fault INVALID where the line of one that matters is malformed."""
    matter = {_MANIFEST_VERSION, _VERSION, *(f"file.{each}" for each in NEEDED)}
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


def _property(properties: Mapping[str, _Property], name: str, code: str) -> _Property:
    if name not in properties:
        raise invalid(code, f"{NAME}: {name} is missing.")
    return properties[name]


def _fault(code: str, at: _Property, what: str) -> Exception:
    return invalid(code, f"{NAME} line {at.line}: {what}.")
