"""What a OneRoster server says of a record, as the row of a CSV file that says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]
Row = list[str]
_STUDENTS = frozenset({"student", "guardian", "parent", "relative"})
_COMMON = ("sourcedId", "status", "dateLastModified")
_REFERRED = ("sourcedId", "role", "roleType", "org", "beginDate", "endDate")
MOST_ROLES = 200  # of one user
DEEPEST = 3  # a record's roles, one of these, and its org


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column says of a record, by the `fields` of it that are looked at. `staff`: of
    somebody who is a student or a student's family alone it stays where it is."""

    fields: tuple[str, ...]
    said: Callable[[Record], str]
    staff: bool = False

    def of(self, record: Record) -> str:
        return "-" if self.staff and not _is_staff(record) else self.said(record)


class PulledTable:
    """A file: its columns after the common ones, and each of them of a record. `beside`: what is
    needed of one besides."""

    def __init__(self, *beside: str, **columns: Cell) -> None:
        self.header = (*_COMMON, *columns)
        self._cells = tuple(columns.values())
        of_all = (name for each in self._cells for name in each.fields if not each.staff)
        self._needed = dict.fromkeys((*_COMMON, *beside, *of_all))
        of_staff = (name for each in self._cells for name in each.fields if each.staff)
        self._of_staff = dict.fromkeys(of_staff)

    def row(self, record: Record, delta: bool) -> Row:
        status = text(record.get("status"))
        if not delta and status == "active":
            status = ""  # status belongs to files of changes
        common = [text(record.get("sourcedId")), status, text(record.get("dateLastModified"))]
        return common + [each.of(record) for each in self._cells]

    @property
    def fields(self) -> list[str]:
        """Of a record, all that are looked at."""
        return [*self._needed, *self._of_staff]

    def needed(self, record: Record) -> dict[str, Any]:
        """What is looked at of the record: no student's name. Its rows are those of the record."""
        staff = bool(self._of_staff) and _is_staff(record)
        names = self.fields if staff else self._needed
        return {name: _needed(record[name], DEEPEST) for name in names if name in record}


def _needed(value: Any, depth: int) -> Any:
    if isinstance(value, str | int | float):
        return value
    if depth and isinstance(value, list):
        return [_needed(each, depth - 1) for each in value]
    if depth and isinstance(value, dict):
        return {name: _needed(value[name], depth - 1) for name in _REFERRED if name in value}
    return None


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def of(*names: str, staff: bool = False) -> Cell:
    """The first of the fields that says something."""

    def said(record: Record) -> str:
        return next(filter(None, (text(record.get(each)) for each in names)), "")

    return Cell(names, said, staff)


def ref(name: str) -> Cell:
    return Cell((name,), lambda record: _id(record.get(name)))


def refs(name: str) -> Cell:
    def said(record: Record) -> str:
        return ",".join(filter(None, map(_id, _items(record.get(name)))))

    return Cell((name,), said)


def texts(name: str) -> Cell:
    def said(record: Record) -> str:
        return ",".join(filter(None, map(text, _items(record.get(name)))))

    return Cell((name,), said)


def _id(value: Any) -> str:
    return text(value.get("sourcedId")) if isinstance(value, dict) else ""


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _is_staff(record: Record) -> bool:
    return any(text(each.get("role")) not in _STUDENTS for each in _roles(record))


def _roles(record: Record) -> Sequence[Record]:
    """Of 1.2 those that a user has, of 1.1 the only one, at each of her orgs."""
    if "roles" in record:
        return [each for each in _items(record["roles"]) if isinstance(each, dict)][:MOST_ROLES]
    orgs = _items(record.get("orgs"))[:MOST_ROLES]
    return [
        {"role": record.get("role"), "org": org, "roleType": "primary" if not at else "secondary"}
        for at, org in enumerate(orgs)
    ]


ROLES = PulledTable(
    userSourcedId=of("user"),
    roleType=of("roleType"),
    role=of("role"),
    orgSourcedId=ref("org"),
    beginDate=of("beginDate"),
    endDate=of("endDate"),
)


def roles_of(user: Record) -> Iterable[Record]:
    """The rows of roles.csv of a user of 1.2."""
    mine = text(user.get("sourcedId"))
    stamp = user.get("dateLastModified")
    for number, each in enumerate(_roles(user)):
        told = {"sourcedId": f"{mine}.{number}", "dateLastModified": stamp, "user": mine}
        yield {**each, **told, "status": user.get("status")}


def _org_ids(record: Record) -> str:
    return ",".join(filter(None, (_id(each) for each in _items(record.get("orgs")))))


_USER = {
    "enabledUser": of("enabledUser"),
    "username": of("username", "sourcedId", staff=True),
    "givenName": of("givenName", staff=True),
    "familyName": of("familyName", staff=True),
    "identifier": of("identifier", staff=True),
    "email": of("email", staff=True),
}
_OF_ROLES = ("roles", "role", "orgs")
USERS = PulledTable(
    *_OF_ROLES,
    **_USER,
    userMasterIdentifier=of("userMasterIdentifier", staff=True),
    preferredGivenName=of("preferredFirstName", "preferredGivenName", staff=True),
    preferredFamilyName=of("preferredLastName", "preferredFamilyName", staff=True),
)
USERS_1_1 = PulledTable(
    *_OF_ROLES, role=of("role"), orgSourcedIds=Cell(("orgs",), _org_ids), **_USER
)

TABLES: Mapping[str, PulledTable] = {
    "orgs": PulledTable(
        name=of("name"), type=of("type"), identifier=of("identifier"),
        parentSourcedId=ref("parent"),
    ),
    "academicSessions": PulledTable(
        title=of("title"), type=of("type"), startDate=of("startDate"), endDate=of("endDate"),
        parentSourcedId=ref("parent"), schoolYear=of("schoolYear"),
    ),
    "users": USERS,
    "classes": PulledTable(
        title=of("title"), grades=texts("grades"), courseSourcedId=ref("course"),
        classType=of("classType"), schoolSourcedId=ref("school"), termSourcedIds=refs("terms"),
        subjects=texts("subjects"), classCode=of("classCode"), periods=texts("periods"),
        location=of("location"),
    ),
    "enrollments": PulledTable(
        classSourcedId=ref("class"), schoolSourcedId=ref("school"), userSourcedId=ref("user"),
        role=of("role"), primary=of("primary"), beginDate=of("beginDate"), endDate=of("endDate"),
    ),
}  # fmt: skip
