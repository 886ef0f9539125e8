"""users.csv and roles.csv: who is staff. Of everybody else only the id is seen, and only to
check what refers to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from services.roster.adapters.oneroster.archive import Archive
from services.roster.adapters.oneroster.row import Row, Wrong, is_id
from services.roster.adapters.oneroster.table import Table
from services.roster.application.problems import Code, NoteCode, Problems
from services.roster.application.roster_file import ParsedRoster
from services.roster.domain.person import NOT_STORED_ROLES, STAFF_ROLES, Person, Role, held
from services.roster.domain.record import record_id

MOST_ROLES = 200  # of one person
_NOT_STORED, _WRONG = 1, 2  # marks: has a role that is not stored; has a wrong row
_USERS = ("sourcedId", "enabledUser", "username", "givenName", "familyName")
_USERS_TOO = ("status", "preferredGivenName", "preferredFamilyName")
_KNOWN_ROLES = STAFF_ROLES | NOT_STORED_ROLES
_ROLES = ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")
_ROLES_TOO = ("status", "beginDate", "endDate")


@dataclass
class Users:
    """Every user of the file: her line in users.csv by the key of her sourcedId."""

    lines: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # marked tobedeleted

    def line(self, row: Row, column: str) -> int:
        """The line of the user whom a row refers to; it stands for her where many are
        counted. Raises Wrong."""
        user = row.key(column)
        if user not in self.lines or user in self.gone:
            raise Wrong(column, Code.UNKNOWN_USER)
        return self.lines[user]


def read_people(archive: Archive, district: str, into: ParsedRoster) -> Users:
    """Add the staff to `into`. Reads users.csv twice, so that names are kept only of those
    who turn out to be staff."""
    table = Table(archive, "users.csv", _USERS, _USERS_TOO)
    users = _ids(table)
    roles, marks = _roles(archive, users, into)

    def malformed(_: int, pieces: list[str]) -> None:
        into.people.spoiled.update(filter(is_id, pieces))

    for row in table.rows(into.problems, malformed):
        with table.reporting(row, into.problems):
            sourced = row.key("sourcedId")
            if users.lines[sourced] != row.line:
                raise Wrong("sourcedId", Code.DUPLICATE)
            into.people.spoiled.add(sourced)  # until the row has proved good
            mine = sorted(roles.get(sourced, ()))
            if not mine and marks[row.line] & _WRONG:
                raise Wrong("sourcedId", Code.NO_ROLE)
            if not row.deleted() and mine:
                person = _person(row, sourced, district, mine)
                if person is not None:
                    into.people.records[sourced] = person
            into.people.spoiled.discard(sourced)
            if not row.deleted() and not mine and not marks[row.line]:
                raise Wrong("sourcedId", Code.NO_ROLE)  # and no member of staff any more
    return users


def _ids(table: Table) -> Users:
    users = Users()
    unheard = Problems()  # the second reading reports
    for row in table.rows(unheard):
        with table.reporting(row, unheard):
            sourced = row.key("sourcedId")
            users.lines.setdefault(sourced, row.line)
            if row.deleted():
                users.gone.add(sourced)
    return users


def _roles(
    archive: Archive, users: Users, into: ParsedRoster
) -> tuple[dict[str, set[Role]], bytearray]:
    """The staff roles by user, and marks at the line of each user with other roles."""
    staff: defaultdict[str, set[Role]] = defaultdict(set)
    marks = bytearray(max(users.lines.values(), default=0) + 1)
    table = Table(archive, "roles.csv", _ROLES, _ROLES_TOO)
    for row in table.rows(into.problems):
        with table.reporting(row, into.problems):
            with row.unkept():
                row.key("sourcedId")
            if row.deleted():
                continue
            line = users.line(row, "userSourcedId")
            try:
                role = _role(row, into)
                if role is None:
                    marks[line] |= _NOT_STORED
                    continue
                roles = staff[row.key("userSourcedId")]
                if len(roles) >= MOST_ROLES:
                    raise Wrong("userSourcedId", Code.TOO_MANY)
                roles.add(role)
            except Wrong:
                marks[line] |= _WRONG
                raise
    return staff, marks


def _role(row: Row, into: ParsedRoster) -> Role | None:
    """The role of a row, or None for a student's, a family's or one of no use here."""
    role = row.choice("role", _KNOWN_ROLES, ext=True, code=Code.UNKNOWN_ROLE)
    org = row.id("orgSourcedId")
    if org not in into.orgs.records and org not in into.orgs.spoiled:
        raise Wrong("orgSourcedId", Code.UNKNOWN_ORG)
    role_type = row.choice("roleType", ("primary", "secondary"))
    begins, ends = row.days("beginDate", "endDate")
    if role not in _KNOWN_ROLES:
        row.noted.add(("role", NoteCode.UNUSED_ROLE))
    return Role(role, org, role_type, begins, ends) if role in STAFF_ROLES else None


def _person(row: Row, sourced: str, district: str, roles: list[Role]) -> Person | None:
    """The person of a row; None where her account is switched off."""
    row.id("sourcedId")  # hers is kept
    enabled = row.choice("enabledUser", ("true", "false"))
    given_name = row.text("preferredGivenName", required=False) or row.text("givenName")
    family_name = row.text("preferredFamilyName", required=False) or row.text("familyName")
    if enabled == "false":
        return None
    return Person(
        id=record_id(district, "person", sourced),
        district=district,
        sourced_id=sourced,
        given_name=given_name,
        family_name=family_name,
        roles=tuple(roles),
        school_years=(),
        held=held(roles),
    )
