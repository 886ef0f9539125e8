"""A OneRoster 1.2 CSV bulk zip and what it says.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
from services.roster.imports.oneroster.manifest import COURSES, read_manifest
from services.roster.imports.oneroster.people import read_people
from services.roster.imports.oneroster.records import check_parents, read_records
from services.roster.imports.oneroster.roles import read_roles, roles_table
from services.roster.imports.oneroster.row import CsvRow
from services.roster.imports.oneroster.sessions import read_sessions, sessions_table
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.oneroster.users import read_users, users_table
from services.roster.imports.problems import RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.org.domain import Org
from services.roster.record import record_id

_ORG_TYPES = ("department", "school", "district", "local", "state", "national")


def read_roster(file: IO[bytes], district: str, today: str, own: OwnRoles) -> ParsedRoster:
    """See `RosterFile.read`. Blocks."""
    parsed = ParsedRoster()
    with opened(file) as archive:
        names = read_manifest(archive, parsed.problems)
        _check(archive, names)
        _read_orgs(archive, district, parsed)
        read_sessions(archive, district, parsed)
        users = read_users(archive)
        roles = read_roles(archive, users, own, parsed)
        read_people(archive, district, today, users, roles, parsed)
        courses = read_courses(archive, parsed) if COURSES in names else None
        read_classes(archive, district, courses, parsed)
        read_enrollments(archive, today, users, parsed)
    return parsed


def _check(archive: Archive, names: Collection[str]) -> None:
    """Raises Fault INVALID where files are missing or their headers wrong, which names them all."""
    faults = []
    for name, table in TABLES.items():
        if name not in names:
            continue
        try:
            if f"{name}.csv" not in archive:
                raise invalid("missing_file", f"The zip has no {name}.csv.")
            table(archive).check()
        except Fault as fault:
            faults.append(fault)
    if faults:
        raise replace(faults[0], detail=" ".join(each.detail for each in faults))


def _orgs_table(archive: Archive) -> CsvTable:
    return CsvTable(
        archive, "orgs.csv", ("sourcedId", "name", "type"), ("status", "parentSourcedId")
    )


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
