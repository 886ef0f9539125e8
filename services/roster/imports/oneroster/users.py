"""Who stands in users.csv. Of most users only the id is seen, to check what refers to it."""

from __future__ import annotations

from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.problems import Problems, RowCode

_COLUMNS = ("sourcedId", "enabledUser", "username", "givenName", "familyName")
_COLUMNS_TOO = ("status", "preferredGivenName", "preferredFamilyName")


class Users:
    """Every user of the file: her line by the key of her sourcedId."""

    def __init__(self, lines: dict[str, int], gone: set[str]) -> None:
        self.lines = lines
        self.gone = gone  # marked tobedeleted

    def line(self, row: CsvRow, column: str) -> int:
        """The line of the user whom a row refers to; it stands for her where many are
        counted. Raises WrongCell."""
        user = row.key(column)
        if user not in self.lines or user in self.gone:
            raise WrongCell(column, RowCode.UNKNOWN_USER)
        return self.lines[user]


def users_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "users.csv", _COLUMNS, _COLUMNS_TOO)


def read_users(archive: Archive) -> Users:
    """Reports nothing: `read_people` reads the same rows again."""
    table = users_table(archive)
    users = Users({}, set())
    unheard = Problems()
    for row in table.rows(unheard):
        with table.reporting(row, unheard):
            sourced = row.key("sourcedId")
            users.lines.setdefault(sourced, row.line)
            if row.deleted():
                users.gone.add(sourced)
    return users
