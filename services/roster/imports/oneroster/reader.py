"""A OneRoster CSV zip, 1.1 or 1.2, bulk or of changes, and what it says.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv
https://www.imsglobal.org/oneroster-v11-final-csv-tables
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import IO

from services.access.districts import OwnRoles
from services.chassis.kernel import Fault, invalid
from services.roster.imports.oneroster.archive import Archive, opened
from services.roster.imports.oneroster.classes import (
    classes_table,
    courses_table,
    read_classes,
    read_courses,
)
from services.roster.imports.oneroster.enrollments import enrollments_table, read_enrollments
from services.roster.imports.oneroster.manifest import COURSES, V11, Manifest, read_manifest
from services.roster.imports.oneroster.people import read_changed_roles, read_people
from services.roster.imports.oneroster.records import check_parents, read_records
from services.roster.imports.oneroster.roles import Roles, read_roles, roles_table
from services.roster.imports.oneroster.row import CsvRow
from services.roster.imports.oneroster.sessions import read_sessions, sessions_table
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.oneroster.user_roles import read_user_roles
from services.roster.imports.oneroster.users import (
    ROLE_COLUMNS,
    Users,
    read_users,
    users_table,
)
from services.roster.imports.problems import NoteCode, Problems, RowCode
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from services.roster.org.domain import Org
from services.roster.record import record_id

NOTHING = KnownRecords()
_ORG_TYPES = ("department", "school", "district", "local", "state", "national")


def has_changes(file: IO[bytes]) -> bool:
    """See `RosterFile.changes`. Blocks."""
    with opened(file) as archive:
        manifest = _manifest(archive, Problems())
        return bool(manifest.delta)


def read_roster(
    file: IO[bytes], district: str, today: str, own: OwnRoles, known: KnownRecords = NOTHING
) -> ParsedRoster:
    """See `RosterFile.read`. Blocks."""
    parsed = ParsedRoster()
    with opened(file) as archive:
        manifest = _manifest(archive, parsed.problems)
        _Reading(archive, manifest, district, today, known, parsed).read(own)
    return parsed


class _Reading:
    """What is read of one zip, in the order in which its files refer to each other."""

    def __init__(
        self,
        archive: Archive,
        manifest: Manifest,
        district: str,
        today: str,
        known: KnownRecords,
        into: ParsedRoster,
    ) -> None:
        self._archive, self._manifest = archive, manifest
        self._district, self._today = district, today
        self._into = into
        delta = manifest.delta
        self._orgs = known.orgs if "orgs" in delta else {}
        self._people = known.people if "users" in delta else {}
        self._classes = known.classes if "classes" in delta else {}
        into.orgs.known = known.orgs.keys() if "orgs" in delta else None
        into.sessions.known = known.sessions.keys() if "academicSessions" in delta else None
        into.people.known = known.people.keys() if "users" in delta else None
        into.classes.known = known.classes.keys() if "classes" in delta else None

    def read(self, own: OwnRoles) -> None:
        archive, into, district = self._archive, self._into, self._district
        if self._has("orgs"):
            _read_orgs(archive, district, into)
        if self._has("academicSessions"):
            read_sessions(archive, district, into)
        users = self._users(own)
        courses = read_courses(archive, into) if self._has(COURSES) else None
        if self._has("classes"):
            read_classes(classes_table(archive), district, courses, into)
        table = enrollments_table(archive) if self._has("enrollments") else None
        read_enrollments(table, self._today, users, self._classes, into)

    def _users(self, own: OwnRoles) -> Users:
        archive, into = self._archive, self._into
        old = self._manifest.version == V11
        delta = into.people.delta
        table = _users_table(archive, self._manifest)
        users = read_users(table, delta) if self._has("users") else Users(delta)
        # A row of 1.1 says all of a user's roles, be it one of changes.
        roles = Roles(users, own, into, {} if old else self._people)
        if old and self._has("users"):
            read_user_roles(table, users, roles, into, self._orgs)
        elif self._has("roles"):
            read_roles(archive, roles, into)
        if self._has("users"):
            read_people(table, self._district, self._today, users, roles, into)
        if delta and not old:
            read_changed_roles(self._today, users, roles, self._people, into)
        return users

    def _has(self, name: str) -> bool:
        return name in self._manifest.files


def _manifest(archive: Archive, problems: Problems) -> Manifest:
    """With files that can be read, as far as their headers tell. Raises Fault INVALID."""
    manifest = read_manifest(archive, problems)
    for name in ("manifest", *sorted(manifest.files)):
        if f"{name}.csv" in archive and not archive.is_called(f"{name}.csv"):
            problems.note(f"{name}.csv", "", NoteCode.FILE_NAME)
    empty = {name for name in manifest.files if _may_be_empty(archive, name, manifest)}
    for name in sorted(empty):
        problems.note(f"{name}.csv", "", NoteCode.EMPTY_FILE)
    manifest = replace(manifest, files=manifest.files - empty)
    _check(archive, manifest)
    return manifest


def _may_be_empty(archive: Archive, name: str, manifest: Manifest) -> bool:
    optional = name == COURSES or name in manifest.delta
    return optional and f"{name}.csv" in archive and archive.is_empty(f"{name}.csv")


def _check(archive: Archive, manifest: Manifest) -> None:
    """Raises Fault INVALID where files are missing or their headers wrong, which names them all."""
    faults = []
    for name, table in TABLES.items():
        if name not in manifest.files:
            continue
        try:
            if f"{name}.csv" not in archive:
                raise invalid("missing_file", f"The zip has no {name}.csv.")
            made = _users_table(archive, manifest) if name == "users" else table(archive)
            made.check()
        except Fault as fault:
            faults.append(fault)
    if faults:
        raise replace(faults[0], detail=" ".join(each.detail for each in faults))


def _orgs_table(archive: Archive) -> CsvTable:
    return CsvTable(
        archive,
        "orgs.csv",
        ("sourcedId", "name", "type"),
        ("status", "dateLastModified", "parentSourcedId"),
    )


def _users_table(archive: Archive, manifest: Manifest) -> CsvTable:
    return users_table(archive, ROLE_COLUMNS if manifest.version == V11 else ())


TABLES: Mapping[str, Callable[[Archive], CsvTable]] = {
    "orgs": _orgs_table,
    "users": users_table,
    "roles": roles_table,
    "academicSessions": sessions_table,
    "classes": classes_table,
    "enrollments": enrollments_table,
    COURSES: courses_table,
}


def _read_orgs(archive: Archive, district: str, into: ParsedRoster) -> None:
    def make(row: CsvRow, id: str) -> Org:
        return Org(
            id=record_id(district, "org", id),
            district=district,
            sourced_id=id,
            name=row.text("name"),
            type=row.choice("type", _ORG_TYPES, ext=True),
            parent=row.id("parentSourcedId", required=False),
        )

    table = _orgs_table(archive)
    read_records(table, into.orgs, into.problems, make)
    check_parents(table, into.orgs, into.problems, "parentSourcedId", RowCode.UNKNOWN_ORG)
