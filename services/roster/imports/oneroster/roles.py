"""The roles of the users, as far as there is a use for them here: from roles.csv, and of
OneRoster 1.1 from users.csv."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from services.access.districts import OwnRoles
from services.roster.imports.doubts import Stranger
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.row import CsvRow, WrongCell, is_id
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.oneroster.users import Users
from services.roster.imports.problems import NoteCode, RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.person.domain import (
    MOST_ROLES,
    NOT_STORED_ROLES,
    STAFF_ROLES,
    Person,
    Role,
)

_COLUMNS = ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")
_COLUMNS_TOO = ("status", "dateLastModified", "beginDate", "endDate")
_OTHER, _WRONG = 1, 2  # marks: a row of a role that makes nobody staff; a wrong row


class Roles:
    """The staff's roles, and what else is told of users, by their lines in users.csv.

    A role of the district's own makes somebody staff where the district says that it leads or
    coaches. Any other is kept of those who are staff: it may mean something for whom she
    coaches. `stored`: the people whose roles a file of changes changes."""

    def __init__(
        self, users: Users, own: OwnRoles, into: ParsedRoster, stored: Mapping[str, Person]
    ) -> None:
        self._users = users
        self._into = into
        self._stored = stored
        self._of_staff = STAFF_ROLES.union(own.of_staff)
        self.known = NOT_STORED_ROLES.union(self._of_staff, own.named)
        self._roles: defaultdict[str, set[Role]] = defaultdict(set)
        self._ended: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._marks = bytearray(users.lines.last + 1)

    def of(self, user: str) -> list[Role]:
        """The roles of a user who is staff, as good rows say; none of anybody else."""
        roles = self._roles.get(user, set()) | self._kept(user)
        if len(roles) > MOST_ROLES:
            roles = set(self._stored[user].roles)
        return sorted(roles) if any(each.role in self._of_staff for each in roles) else []

    def _kept(self, user: str) -> set[Role]:
        """Of the stored roles those that the changes leave her: a role at an org comes in place
        of the same one, a primary role in place of the primary one there."""
        if user not in self._stored:
            return set()
        said = self._roles.get(user, set())
        gone = {(each.role, each.org) for each in said} | self._ended.get(user, set())
        primary = {each.org for each in said if each.role_type == "primary"}
        return {
            each
            for each in self._stored[user].roles
            if (each.role, each.org) not in gone
            and not (each.role_type == "primary" and each.org in primary)
        }

    def changed(self) -> Set[str]:
        """Those of whom there are roles, or of whom roles have ended."""
        return self._roles.keys() | self._ended.keys()

    def wrong(self, line: int) -> bool:
        """Whether a wrong row may be of a staff role of hers."""
        return bool(self._marks[line] & _WRONG)

    def none_here(self, line: int) -> bool:
        """Whether a row says that she has a role that makes nobody staff, or has one no
        longer."""
        return bool(self._marks[line] & _OTHER)

    def take(self, row: CsvRow) -> None:
        """A row of roles.csv. Raises WrongCell."""
        with row.unkept():
            row.key("sourcedId")
        if row.deleted(self._users.delta):
            self._mark(row.told("userSourcedId"), _OTHER)
            if self._users.delta:
                role = row.choice("role", self.known, ext=True, code=RowCode.UNKNOWN_ROLE)
                self._ended[row.key("userSourcedId")].add((role, row.id("orgSourcedId")))
            return
        self._users.line(row, "userSourcedId")
        role_there = self._role(row)
        if role_there is not None:
            self.give(row, "userSourcedId", role_there)
        else:
            self._mark(row.key("userSourcedId"), _OTHER)

    def give(self, row: CsvRow, column: str, role: Role) -> None:
        """One more role of the user whom `column` names. Raises WrongCell."""
        user = row.key(column)
        if role.role not in self._of_staff:
            self._mark(user, _OTHER)
        elif self._users.delta and user not in self._users.lines and user not in self._stored:
            raise WrongCell(column, RowCode.UNKNOWN_USER)  # what is she called?
        roles = self._roles[user]
        if len(roles) >= MOST_ROLES:
            raise WrongCell(column, RowCode.TOO_MANY)
        roles.add(role)

    def none(self, user: str) -> None:
        """A row says that she has no role that is kept."""
        self._mark(user, _OTHER)

    def _role(self, row: CsvRow) -> Role | None:
        """The role of a row, or None for a student's or a family's."""
        role = row.choice("role", self.known, ext=True, code=RowCode.UNKNOWN_ROLE)
        if role not in self.known:
            row.noted.add(("role", NoteCode.UNUSED_ROLE))
        org = row.id("orgSourcedId")
        if not self._into.orgs.named(org):
            raise WrongCell("orgSourcedId", RowCode.UNKNOWN_ORG)
        role_type = row.choice("roleType", ("primary", "secondary"))
        begins, ends = row.days("beginDate", "endDate")
        return None if role in NOT_STORED_ROLES else Role(role, org, role_type, begins, ends)

    def doubt(self, row: CsvRow) -> None:
        """What a wrong row may have said."""
        role = row.one_of("role", self.known, ext=True)
        self.doubt_of(role, row.told("userSourcedId"), row.told("orgSourcedId"))

    def malformed(self, row: Malformed) -> None:
        known = {each.lower(): each for each in self.known}
        roles = [known[each.lower()] for each in row.pieces if each.lower() in known]
        users = [each for each in row.pieces if each in self._users.lines]
        for user in users or [""]:
            self.doubt_of(roles[0] if len(roles) == 1 else "", user, "")

    def doubt_of(self, role: str, user: str, org: str) -> None:
        """Empty is what could not be told. A wrong row of changes changes nothing."""
        if role and role not in self._of_staff:
            self._mark(user, _OTHER)
        if role in NOT_STORED_ROLES or user in self._users.gone:
            return
        if not role or role in self._of_staff:
            self._mark(user, _WRONG)
        if self._users.delta:
            return
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


def read_roles(archive: Archive, roles: Roles, into: ParsedRoster) -> None:
    table = roles_table(archive)
    for row in table.rows(into.problems, roles.malformed):
        with table.reporting(row, into.problems):
            try:
                roles.take(row)
            except WrongCell:
                roles.doubt(row)
                raise


def _stranger(id: str) -> Stranger | None:
    return Stranger(id) if is_id(id) else None
