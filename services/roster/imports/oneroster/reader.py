"""A OneRoster 1.2 CSV bulk zip and what it says.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv
"""

from __future__ import annotations

from typing import IO

from services.access.districts import OwnRoles
from services.roster.imports.oneroster.archive import Archive, opened
from services.roster.imports.oneroster.classes import read_classes, read_courses
from services.roster.imports.oneroster.enrollments import read_enrollments
from services.roster.imports.oneroster.manifest import COURSES, read_manifest
from services.roster.imports.oneroster.people import read_people
from services.roster.imports.oneroster.records import check_parents, read_records
from services.roster.imports.oneroster.roles import read_roles
from services.roster.imports.oneroster.row import CsvRow
from services.roster.imports.oneroster.sessions import read_sessions
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.oneroster.users import read_users
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
        _read_orgs(archive, district, parsed)
        read_sessions(archive, district, parsed)
        users = read_users(archive)
        roles = read_roles(archive, users, own, parsed)
        read_people(archive, district, today, users, roles, parsed)
        courses = read_courses(archive, parsed) if COURSES in names else None
        read_classes(archive, district, courses, parsed)
        read_enrollments(archive, today, users, parsed)
    return parsed


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

    table = CsvTable(
        archive, "orgs.csv", ("sourcedId", "name", "type"), ("status", "parentSourcedId")
    )
    read_records(table, into.orgs, into.problems, make)
    check_parents(table, into.orgs, into.problems, "parentSourcedId", RowCode.UNKNOWN_ORG)
