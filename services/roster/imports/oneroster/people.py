"""users.csv once more: the names of those who are staff by roles.csv."""

from __future__ import annotations

from services.chassis.fields import ME
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.records import spoiling
from services.roster.imports.oneroster.roles import Roles
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.users import Users, users_table
from services.roster.imports.problems import RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.person.domain import Person, Role, held
from services.roster.record import record_id


def read_people(
    archive: Archive, district: str, today: str, users: Users, roles: Roles, into: ParsedRoster
) -> None:
    """Add the staff to `into`."""
    people = into.people
    table = users_table(archive)
    for row in table.rows(into.problems, spoiling(people)):
        with table.reporting(row, into.problems):
            try:
                sourced = row.key("sourcedId")
            except WrongCell:
                people.unread = True
                raise
            if users.lines[sourced] != row.line:
                raise WrongCell("sourcedId", RowCode.DUPLICATE)
            people.spoiled.add(sourced)  # until the row has proved good
            if row.deleted():
                people.deleted.add(sourced)
            elif mine := roles.of(sourced):
                _check_id(row, into)
                person = _person(row, sourced, district, today, mine)
                if person is not None:
                    people.records[sourced] = person
            elif roles.wrong(row.line):
                raise WrongCell("sourcedId", RowCode.NO_ROLE)
            elif not roles.none_here(row.line) and _enabled(row):
                _check_id(row, into)
                people.spoiled.discard(sourced)
                people.unsaid.add(sourced)
                raise WrongCell("sourcedId", RowCode.NO_ROLE)
            people.spoiled.discard(sourced)


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
