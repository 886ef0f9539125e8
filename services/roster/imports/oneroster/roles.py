"""roles.csv: the roles of the users, as far as there is a use for them here."""

from __future__ import annotations

from collections import defaultdict

from services.access.districts import OwnRoles
from services.roster.imports.doubts import Stranger
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.row import CsvRow, WrongCell, is_id
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.oneroster.users import Users
from services.roster.imports.problems import NoteCode, RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.person.domain import MOST_ROLES, NOT_STORED_ROLES, STAFF_ROLES, Role

_COLUMNS = ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")
_COLUMNS_TOO = ("status", "beginDate", "endDate")
_OTHER, _WRONG = 1, 2  # marks: a row of a role that makes nobody staff; a wrong row


class Roles:
    """The staff's roles, and what else roles.csv tells of users, by their lines in users.csv.

    A role of the district's own makes somebody staff where the district says that it leads or
    coaches. Any other is kept of those who are staff: it may mean something for whom she
    coaches."""

    def __init__(self, users: Users, own: OwnRoles, into: ParsedRoster) -> None:
        self._users = users
        self._into = into
        self._of_staff = STAFF_ROLES.union(own.of_staff)
        self._known = NOT_STORED_ROLES.union(self._of_staff, own.named)
        self._roles: defaultdict[str, set[Role]] = defaultdict(set)
        self._marks = bytearray(max(users.lines.values(), default=0) + 1)

    def of(self, user: str) -> list[Role]:
        """The roles of a user who is staff, as good rows say; none of anybody else."""
        roles = self._roles.get(user, ())
        return sorted(roles) if any(each.role in self._of_staff for each in roles) else []

    def wrong(self, line: int) -> bool:
        """Whether a wrong row may be of a staff role of hers."""
        return bool(self._marks[line] & _WRONG)

    def none_here(self, line: int) -> bool:
        """Whether a row says that she has a role that makes nobody staff, or has one no
        longer."""
        return bool(self._marks[line] & _OTHER)

    def take(self, row: CsvRow) -> None:
        """Raises WrongCell."""
        with row.unkept():
            row.key("sourcedId")
        if row.deleted():
            self._mark(row.told("userSourcedId"), _OTHER)
            return
        line = self._users.line(row, "userSourcedId")
        role = self._role(row)
        if role is None or role.role not in self._of_staff:
            self._marks[line] |= _OTHER
        if role is None:
            return
        roles = self._roles[row.key("userSourcedId")]
        if len(roles) >= MOST_ROLES:
            raise WrongCell("userSourcedId", RowCode.TOO_MANY)
        roles.add(role)

    def _role(self, row: CsvRow) -> Role | None:
        """The role of a row, or None for a student's or a family's."""
        role = row.choice("role", self._known, ext=True, code=RowCode.UNKNOWN_ROLE)
        if role not in self._known:
            row.noted.add(("role", NoteCode.UNUSED_ROLE))
        org = row.id("orgSourcedId")
        if not self._into.orgs.named(org):
            raise WrongCell("orgSourcedId", RowCode.UNKNOWN_ORG)
        role_type = row.choice("roleType", ("primary", "secondary"))
        begins, ends = row.days("beginDate", "endDate")
        return None if role in NOT_STORED_ROLES else Role(role, org, role_type, begins, ends)

    def doubt(self, row: CsvRow) -> None:
        """What a wrong row may have said."""
        role = row.one_of("role", self._known, ext=True)
        self._doubt(role, row.told("userSourcedId"), row.told("orgSourcedId"))

    def malformed(self, row: Malformed) -> None:
        known = {each.lower(): each for each in self._known}
        roles = [known[each.lower()] for each in row.pieces if each.lower() in known]
        users = [each for each in row.pieces if each in self._users.lines]
        for user in users or [""]:
            self._doubt(roles[0] if len(roles) == 1 else "", user, "")

    def _doubt(self, role: str, user: str, org: str) -> None:
        """Empty is what could not be told."""
        if role and role not in self._of_staff:
            self._mark(user, _OTHER)
        if role in NOT_STORED_ROLES or user in self._users.gone:
            return
        if not role or role in self._of_staff:
            self._mark(user, _WRONG)
        self._into.role_doubts.add(
            user if user in self._users.lines else _stranger(user),
            role or None,
            org if self._into.orgs.named(org) else _stranger(org),
        )

    def _mark(self, user: str, what: int) -> None:
        if user in self._users.lines:
            self._marks[self._users.lines[user]] |= what


def roles_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "roles.csv", _COLUMNS, _COLUMNS_TOO)


def read_roles(archive: Archive, users: Users, own: OwnRoles, into: ParsedRoster) -> Roles:
    roles = Roles(users, own, into)
    table = roles_table(archive)
    for row in table.rows(into.problems, roles.malformed):
        with table.reporting(row, into.problems):
            try:
                roles.take(row)
            except WrongCell:
                roles.doubt(row)
                raise
    return roles


def _stranger(id: str) -> Stranger | None:
    return Stranger(id) if is_id(id) else None
