"""roles.csv: the roles of the users, as far as there is a use for them here."""

from __future__ import annotations

from collections import defaultdict

from services.roster.adapters.oneroster.archive import Archive
from services.roster.adapters.oneroster.row import Row, Wrong, is_id
from services.roster.adapters.oneroster.table import Malformed, Table
from services.roster.adapters.oneroster.users import Users
from services.roster.application.doubts import Stranger
from services.roster.application.problems import Code, NoteCode
from services.roster.application.roster_file import ParsedRoster
from services.roster.domain.person import MOST_ROLES, NOT_STORED_ROLES, STAFF_ROLES, Role

_KNOWN = STAFF_ROLES | NOT_STORED_ROLES
_COLUMNS = ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")
_COLUMNS_TOO = ("status", "beginDate", "endDate")
_OTHER, _WRONG = 1, 2  # marks: a row of no staff role here; a wrong row


class Roles:
    """The staff's roles, and what else roles.csv tells of users, by their lines in users.csv."""

    def __init__(self, users: Users, into: ParsedRoster) -> None:
        self._users = users
        self._into = into
        self._staff: defaultdict[str, set[Role]] = defaultdict(set)
        self._marks = bytearray(max(users.lines.values(), default=0) + 1)

    def of(self, user: str) -> list[Role]:
        """The staff roles of a user, as good rows say."""
        return sorted(self._staff.get(user, ()))

    def wrong(self, line: int) -> bool:
        """Whether a wrong row may be of a staff role of hers."""
        return bool(self._marks[line] & _WRONG)

    def none_here(self, line: int) -> bool:
        """Whether a row says that she has another role, or has one no longer."""
        return bool(self._marks[line] & _OTHER)

    def take(self, row: Row) -> None:
        """Raises Wrong."""
        with row.unkept():
            row.key("sourcedId")
        if row.deleted():
            self._mark(row.told("userSourcedId"), _OTHER)
            return
        line = self._users.line(row, "userSourcedId")
        role = self._role(row)
        if role is None:
            self._marks[line] |= _OTHER
            return
        roles = self._staff[row.key("userSourcedId")]
        if len(roles) >= MOST_ROLES:
            raise Wrong("userSourcedId", Code.TOO_MANY)
        roles.add(role)

    def _role(self, row: Row) -> Role | None:
        """The role of a row, or None for a student's, a family's or one of no use here."""
        role = row.choice("role", _KNOWN, ext=True, code=Code.UNKNOWN_ROLE)
        if role not in _KNOWN:
            row.noted.add(("role", NoteCode.UNUSED_ROLE))
        org = row.id("orgSourcedId")
        if not self._into.orgs.named(org):
            raise Wrong("orgSourcedId", Code.UNKNOWN_ORG)
        role_type = row.choice("roleType", ("primary", "secondary"))
        begins, ends = row.days("beginDate", "endDate")
        return Role(role, org, role_type, begins, ends) if role in STAFF_ROLES else None

    def doubt(self, row: Row) -> None:
        """What a wrong row may have said."""
        role = row.one_of("role", _KNOWN, ext=True)
        self._doubt(role, row.told("userSourcedId"), row.told("orgSourcedId"))

    def malformed(self, row: Malformed) -> None:
        known = {each.lower(): each for each in _KNOWN}
        roles = [known[each.lower()] for each in row.pieces if each.lower() in known]
        users = [each for each in row.pieces if each in self._users.lines]
        for user in users or [""]:
            self._doubt(roles[0] if len(roles) == 1 else "", user, "")

    def _doubt(self, role: str, user: str, org: str) -> None:
        """Empty is what could not be told."""
        if role and role not in STAFF_ROLES:
            self._mark(user, _OTHER)
            return
        if user in self._users.gone:
            return
        self._mark(user, _WRONG)
        self._into.role_doubts.add(
            user if user in self._users.lines else _stranger(user),
            role or None,
            org if self._into.orgs.named(org) else _stranger(org),
        )

    def _mark(self, user: str, what: int) -> None:
        if user in self._users.lines:
            self._marks[self._users.lines[user]] |= what


def read_roles(archive: Archive, users: Users, into: ParsedRoster) -> Roles:
    roles = Roles(users, into)
    table = Table(archive, "roles.csv", _COLUMNS, _COLUMNS_TOO)
    for row in table.rows(into.problems, roles.malformed):
        with table.reporting(row, into.problems):
            try:
                roles.take(row)
            except Wrong:
                roles.doubt(row)
                raise
    return roles


def _stranger(id: str) -> Stranger | None:
    return Stranger(id) if is_id(id) else None
