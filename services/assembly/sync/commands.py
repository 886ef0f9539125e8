"""From what a device says to an operation of the service, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args

import orjson
from pydantic import BaseModel, ValidationError

from services.access.policy import Policy
from services.assembly.sync.bodies import SyncCommand
from services.chassis.call import Call
from services.chassis.edge.http_problem import MOST_TOLD, faults_of
from services.chassis.edge.operation import NAMES, Late, Operation, Table
from services.chassis.edge.sent import KEY, fingerprint_of
from services.chassis.fields import instant_near
from services.chassis.kernel import Fault, invalid

Row = Operation[Any, Policy]
_MOST_VERSION = 10**15


class Unfit(Exception):
    """What is wrong with the shape of one command, all of it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Meant:
    """What a command asks for. `thing`: the path of what it is about, empty
    where that is made only now; `ids`: those in the operation's path."""

    row: Row
    room: str
    asked: Any
    call: Call
    late: Late
    ids: Mapping[str, str]
    thing: str


class Commands:
    """The operations of a service that may come late, by name, and what shows a thing."""

    def __init__(self, tables: Mapping[str, Table[Any, Policy]]) -> None:
        rows = [(room, row) for room, table in tables.items() for row in table.operations]
        self._rows = {row.name: (room, row) for room, row in rows if row.late is not None}
        self._shows = {
            row.path: (room, row)
            for room, row in rows
            if row.verb == "GET" and row.asked.query is None
        }

    def meant(self, sent: SyncCommand, call: Call, now: datetime) -> Meant:
        """As it is carried out from `now` on. Raises Unfit, its places inside the command, or
        Fault."""
        if not KEY.fullmatch(sent.command_id):
            detail = "command_id is 1 to 128 visible ASCII characters."
            raise invalid("command_id", detail, "/command_id")
        if sent.operation not in self._rows:
            detail = "This service has no operation of that name for devices that were offline."
            raise invalid("unknown_operation", detail, "/operation")
        room, row = self._rows[sent.operation]
        assert row.late is not None
        content = orjson.dumps([sent.path, sent.body], option=orjson.OPT_SORT_KEYS)
        own = apart(
            call,
            row,
            key=sent.command_id,
            fingerprint=fingerprint_of(call.principal, row.name, content),
            made_at=_made_at(sent),
            since=now,
        )
        asked = _asked(row, sent, own)
        ids = _ids(asked)
        if row.late is not Late.ADDS and row.actions is not None:
            own.if_match = _base(sent)
        elif sent.base_version is not None and row.status == 201:
            detail = "What is created has no version yet."
            raise invalid("if_match_on_create", detail, "/base_version")
        return Meant(row, room, asked, own, row.late, ids, _thing(row, ids))

    def shows(self, meant: Meant) -> tuple[str, Row] | None:
        """What answers the thing of a command, with its room."""
        path = meant.row.path
        while path:
            found = self._shows.get(path)
            if found is not None and set(NAMES.findall(path)) <= set(meant.ids):
                return found
            path = path.rpartition("/")[0]
        return None


def _thing(row: Row, ids: Mapping[str, str]) -> str:
    """Empty where it is made only now."""
    if not set(NAMES.findall(row.thing)) <= set(ids):
        return ""
    return NAMES.sub(lambda name: ids[name[1]], row.thing)


def apart(call: Call, row: Row, **more: Any) -> Call:
    """A call of its own for another operation, about which nothing is decided or told."""
    return Call(
        operation=row.name,
        principal=call.principal,
        trace=call.trace,
        correlation=call.correlation,
        count=call.count,
        **more,
    )


def texts_in(value: Any) -> Iterator[str]:
    """All texts of what JSON can say."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)


def _asked(row: Row, sent: SyncCommand, call: Call) -> Any:
    given: dict[str, Any] = {}
    if row.asked.path:
        given["path"] = sent.path
    if sent.path.keys() - row.asked.path.keys():
        told = f"there are: {', '.join(row.asked.path)}." if row.asked.path else "none is."
        raise invalid("unknown_field", f"An id is not known here; {told}", "/path")
    if row.asked.body is not None:
        if sent.body is not None:
            given["body"] = sent.body
    elif sent.body:
        raise invalid("body_not_taken", "This operation takes no body.", "/body")
    model = row.asked.model
    try:
        return model.model_validate(row.asked.meant(given, call))
    except ValidationError as error:
        errors = error.errors(include_url=False)[:MOST_TOLD]
        raise Unfit(list(faults_of(errors, _names_of(model), model))) from None


def _ids(asked: Any) -> Mapping[str, str]:
    path = vars(asked).get("path")
    return {} if path is None else {name: str(value) for name, value in vars(path).items()}


def _base(sent: SyncCommand) -> int:
    if sent.base_version is None:
        detail = "base_version must name the version that the device had."
        raise invalid("precondition_required", detail, "/base_version")
    if not 0 <= sent.base_version <= _MOST_VERSION:
        raise invalid("out_of_range", "There is no such version.", "/base_version")
    return sent.base_version


def _made_at(sent: SyncCommand) -> datetime | None:
    """None too by a clock that is many years off: that keeps back nothing of what she did."""
    if sent.made_at is None:
        return None
    try:
        return instant_near(sent.made_at)
    except ValueError:
        detail = "An instant is written as in RFC 3339, with its offset."
        raise invalid("malformed_instant", detail, "/made_at") from None


@cache
def _names_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of all fields that a request may have: no pointer repeats another."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for each in _models_in(field.annotation):
            found |= _names_of(each)
    return frozenset(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)
