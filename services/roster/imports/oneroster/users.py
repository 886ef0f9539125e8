"""Who stands in users.csv. Of most users only the id is seen, to check what refers to it."""

from __future__ import annotations

from services.roster.imports.identifiers import COLUMNS as IDENTIFIERS
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.line_numbers import LineNumbers
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.table import MOST_ROWS, CsvTable
from services.roster.imports.problems import Problems, RowCode

_COLUMNS = ("sourcedId", "enabledUser", "username", "givenName", "familyName")
_COLUMNS_TOO = ("status", "dateLastModified", "preferredGivenName", "preferredFamilyName")
ROLE_COLUMNS = ("role", "orgSourcedIds")  # of 1.1, which has no roles.csv


class Users:
    """Every user of the file: her line by the key of her sourcedId. A file of changes (`delta`)
    speaks of users whom it does not have, too."""

    def __init__(self, delta: bool = False) -> None:
        self.lines = LineNumbers()
        self.gone: set[str] = set()  # marked tobedeleted
        self.delta = delta
        self._modified: dict[str, str] = {}
        self._others: dict[str, int] = {}

    def add(self, row: CsvRow) -> None:
        """Raises WrongCell. Of two rows of a user the first counts; in a file of changes the
        one that was changed last."""
        user = row.key("sourcedId")
        if user in self.lines:
            modified = row.told("dateLastModified")
            if not self.delta or modified <= self._modified[user]:
                return
            self.gone.discard(user)
        self.lines[user] = row.line
        if self.delta:
            self._modified[user] = row.told("dateLastModified")
        if row.deleted(self.delta):
            self.gone.add(user)

    def line(self, row: CsvRow, column: str) -> int:
        """The line of the user whom a row refers to; it stands for her where many are
        counted. Of a user whom a file of changes does not have it is a number of her own.
        Raises WrongCell."""
        user = row.key(column)
        line = 0 if user in self.gone else self.lines.get(user)
        if line:
            return line
        if not self.delta or user in self.gone:
            raise WrongCell(column, RowCode.UNKNOWN_USER)
        return self._others.setdefault(user, MOST_ROWS + len(self._others))


def users_table(archive: Archive, columns: tuple[str, ...] = ()) -> CsvTable:
    """`columns`: `ROLE_COLUMNS` where it is of 1.1."""
    optional = (*_COLUMNS_TOO, *IDENTIFIERS.values())
    return CsvTable(archive, "users.csv", (*_COLUMNS, *columns), optional)


def read_users(table: CsvTable, delta: bool) -> Users:
    """Reports nothing: `read_people` reads the same rows again."""
    users = Users(delta)
    unheard = Problems()
    for row in table.rows(unheard):
        with table.reporting(row, unheard):
            users.add(row)
    return users
