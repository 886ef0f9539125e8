"""OneRoster 1.1: users.csv says of each user one role and the orgs where she has it."""

from __future__ import annotations

from collections.abc import Mapping

from services.roster.imports.oneroster.roles import Roles
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.oneroster.users import Users
from services.roster.imports.problems import NoteCode, Problems, RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.org.domain import Org
from services.roster.person.domain import MOST_ROLES, NOT_STORED_ROLES, Role

ADMINISTRATOR = "administrator"
_ABOVE_SCHOOLS = ("district", "local", "state", "national")


def read_user_roles(
    table: CsvTable, users: Users, roles: Roles, into: ParsedRoster, stored: Mapping[str, Org]
) -> None:
    """Roles from users.csv, which `read_people` reads again and then reports what is wrong with
    everything else of a row. `stored`: orgs that the file does not change."""
    unheard = Problems()
    for row in table.rows(unheard):
        user = row.told("sourcedId")
        ours = users.lines.get(user) == row.line and user not in users.gone
        with table.reporting(row, into.problems if ours else unheard):
            if ours:
                _take(row, user, roles, into, stored)


def _take(
    row: CsvRow, user: str, roles: Roles, into: ParsedRoster, stored: Mapping[str, Org]
) -> None:
    try:
        allowed = {*roles.known, ADMINISTRATOR}
        role = row.choice("role", allowed, ext=True, code=RowCode.UNKNOWN_ROLE)
    except WrongCell:
        roles.doubt_of("", user, "")
        raise
    if role in NOT_STORED_ROLES:
        roles.none(user)
        return
    if role not in allowed:
        row.noted.add(("role", NoteCode.UNUSED_ROLE))
    try:
        orgs = row.ids("orgSourcedIds", MOST_ROLES)
    except WrongCell:
        roles.doubt_of("" if role == ADMINISTRATOR else role, user, "")
        raise
    for org in orgs:
        there = into.orgs.records.get(org) or stored.get(org)
        # Of an org whose own row is wrong nobody knows what an administrator is there.
        if not into.orgs.named(org) or (role == ADMINISTRATOR and there is None):
            row.remark("orgSourcedIds", RowCode.UNKNOWN_ORG)
            roles.doubt_of("" if role == ADMINISTRATOR else role, user, org)
            continue
        meant = _at(role, there)
        # A user has one role, which is the primary one of each of her orgs.
        roles.give(row, "sourcedId", Role(meant, org, "primary"))
        if meant != role:
            row.noted.add(("role", NoteCode.ADMINISTRATOR))


def _at(role: str, org: Org | None) -> str:
    """What 1.2 calls it there: an administrator's role is told by the org's type."""
    if role != ADMINISTRATOR:
        return role
    if org is not None and org.type in _ABOVE_SCHOOLS:
        return "districtAdministrator"
    return "siteAdministrator"
