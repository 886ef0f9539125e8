"""What a OneRoster server says of a record, as the row of a CSV file that says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Row = list[str]
_STUDENTS = frozenset({"student", "guardian", "parent", "relative"})
_COMMON = ("sourcedId", "status", "dateLastModified")
MOST_ROLES = 200  # of one user


class PulledTable:
    """A file: its columns after the common ones, and each of them of a record."""

    def __init__(self, **columns: Callable[[Record], str]) -> None:
        self.header = (*_COMMON, *columns)
        self._cells = tuple(columns.values())

    def row(self, record: Record, delta: bool) -> Row:
        status = text(record.get("status"))
        if not delta and status == "active":
            status = ""  # status belongs to files of changes
        common = [text(record.get("sourcedId")), status, text(record.get("dateLastModified"))]
        return common + [each(record) for each in self._cells]


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def of(name: str, *others: str) -> Callable[[Record], str]:
    """The first of the fields that says something."""

    def cell(record: Record) -> str:
        return next(filter(None, (text(record.get(each)) for each in (name, *others))), "")

    return cell


def ref(name: str) -> Callable[[Record], str]:
    return lambda record: _id(record.get(name))


def refs(name: str) -> Callable[[Record], str]:
    return lambda record: ",".join(filter(None, map(_id, _items(record.get(name)))))


def texts(name: str) -> Callable[[Record], str]:
    return lambda record: ",".join(filter(None, map(text, _items(record.get(name)))))


def _id(value: Any) -> str:
    return text(value.get("sourcedId")) if isinstance(value, dict) else ""


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def of_staff(*names: str) -> Callable[[Record], str]:
    """A name; that of somebody who is a student or a student's family alone stays where it is."""
    cell = of(*names)
    return lambda record: cell(record) if _is_staff(record) else "-"


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
    "username": of("username", "sourcedId"),
    "givenName": of_staff("givenName"),
    "familyName": of_staff("familyName"),
    "identifier": of_staff("identifier"),
    "email": of_staff("email"),
}
USERS = PulledTable(
    **_USER,
    userMasterIdentifier=of_staff("userMasterIdentifier"),
    preferredGivenName=of_staff("preferredFirstName", "preferredGivenName"),
    preferredFamilyName=of_staff("preferredLastName", "preferredFamilyName"),
)
USERS_1_1 = PulledTable(role=of("role"), orgSourcedIds=_org_ids, **_USER)

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
        subjects=texts("subjects"),
    ),
    "enrollments": PulledTable(
        classSourcedId=ref("class"), schoolSourcedId=ref("school"), userSourcedId=ref("user"),
        role=of("role"), primary=of("primary"), beginDate=of("beginDate"), endDate=of("endDate"),
    ),
}  # fmt: skip
