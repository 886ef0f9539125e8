"""users.csv once more: the names of those who are staff by their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.access.privacy_keys import POLICY_ROW
from services.chassis.fields import ME
from services.roster.imports.identifiers import COLUMNS as IDENTIFIERS
from services.roster.imports.oneroster.records import spoiling
from services.roster.imports.oneroster.roles import Roles
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.oneroster.users import Users
from services.roster.imports.problems import RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.imports.sharing import Sharing
from services.roster.person.domain import Person, Role, held
from services.roster.record import record_id


def read_people(
    table: CsvTable, district: str, today: str, users: Users, roles: Roles, into: ParsedRoster
) -> None:
    """Add the staff to `into`."""
    people, sharing = into.people, Sharing()
    for row in table.rows(into.problems, spoiling(people)):
        with table.reporting(row, into.problems):
            try:
                sourced = row.key("sourcedId")
            except WrongCell:
                people.unread = True
                raise
            if users.lines[sourced] != row.line:
                raise WrongCell("sourcedId", RowCode.DUPLICATE)
            if sourced == POLICY_ROW:  # as if the file had no such user: no class names her either
                raise WrongCell("sourcedId", RowCode.RESERVED_ID)
            people.spoiled.add(sourced)  # until the row has proved good
            if row.deleted(people.delta):
                people.deleted.add(sourced)
            elif mine := roles.of(sourced):
                _check_id(row, into)
                person = _person(row, sourced, district, today, mine)
                if person is not None:
                    people.records[sourced] = sharing.shared(person)
                    told = {(kind, row.told(of)) for kind, of in IDENTIFIERS.items()}
                    into.identifiers[sourced] = {each for each in told if each[1]}
                else:
                    people.deleted.add(sourced)
            elif roles.wrong(row.line):
                raise WrongCell("sourcedId", RowCode.NO_ROLE)
            elif people.delta:
                people.deleted.add(sourced)  # she has no role that makes her staff
            elif not roles.none_here(row.line) and _enabled(row):
                _check_id(row, into)
                people.spoiled.discard(sourced)
                people.unsaid.add(sourced)
                raise WrongCell("sourcedId", RowCode.NO_ROLE)
            people.spoiled.discard(sourced)


def read_changed_roles(
    today: str, users: Users, roles: Roles, stored: Mapping[str, Person], into: ParsedRoster
) -> None:
    """For a file of changes: the staff of whom it has roles and no row in users.csv."""
    for sourced in roles.changed():
        known = stored.get(sourced)
        if known is None or sourced in users.lines:
            continue
        if mine := roles.of(sourced):
            changed = replace(known, version=0, roles=tuple(mine), held=held(mine, today))
            into.people.records[sourced] = changed
        else:
            into.people.deleted.add(sourced)


def _check_id(row: CsvRow, into: ParsedRoster) -> None:
    """That of staff is kept, so it must be an id, and `me` is whoever asks. Raises WrongCell."""
    try:
        if row.id("sourcedId") == ME:
            raise WrongCell("sourcedId", RowCode.BAD_ID)
    except WrongCell:
        into.people.unread = True
        raise


def _person(
    row: CsvRow, sourced: str, district: str, today: str, roles: list[Role]
) -> Person | None:
    """The person of a row; None where her account is switched off."""
    enabled = _enabled(row)
    given_name = row.text("preferredGivenName", required=False) or row.text("givenName")
    family_name = row.text("preferredFamilyName", required=False) or row.text("familyName")
    if not enabled:
        return None
    return Person(
        id=record_id(district, "person", sourced),
        district=district,
        sourced_id=sourced,
        given_name=given_name,
        family_name=family_name,
        roles=tuple(roles),
        school_years=(),
        held=held(roles, today),
    )


def _enabled(row: CsvRow) -> bool:
    return row.choice("enabledUser", ("true", "false")) == "true"
