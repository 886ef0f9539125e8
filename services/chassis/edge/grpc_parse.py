"""From a protobuf request to the pydantic body that REST uses too.

A message's fields are read by name into the model's. A zero value without presence is
absent where the model has a default, or where the field is a text or an enum; elsewhere
it is the value. Enum values go by their lower-case name without the enum's prefix,
timestamps are aware datetimes in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.chassis.edge.grpc_errors import Violations
from services.chassis.edge.http_problem import MOST_TOLD, faults_of
from services.chassis.edge.strict_json import check, check_text
from services.chassis.fields import Id, model_in, words_in
from services.chassis.kernel import invalid
from services.chassis.words import differ, labels_of, proto_of, python_of, words_of

B = TypeVar("B", bound=BaseModel)
Read = Callable[[Any, str], Any]  # a field's value and its place -> the model's input

MOST_ENTRIES = 1_000  # of a list whose model says nothing
_WHOLE = 2**53  # beyond it a double does not tell integers apart
ALWAYS_SKIPPED = frozenset({"request_id", "etag"})
_ID: TypeAdapter[str] = TypeAdapter(Id)


def parse(model: type[B], message: Message, *, skip: Iterable[str] = ()) -> B:
    """`message` as a `model`. `skip` names fields that are read elsewhere (a path parameter of
    REST). Raises Fault INVALID with the place of each error; TypeError when the two shapes do
    not fit each other."""
    plan = plan_of(model, message.DESCRIPTOR, frozenset(skip))
    try:
        return model.model_validate(read(plan, message))
    except ValidationError as error:
        raise violations(error) from None


def id_of(message: Message, field: str) -> str:
    """The id in a field of `message`. Raises Fault INVALID where it cannot be one."""
    try:
        return _ID.validate_python(getattr(message, field))
    except ValidationError:
        raise invalid("malformed_id", "This is not an id.", f"/{field}") from None


class _Field:
    """How one field of a message is read."""

    __slots__ = ("most", "name", "presence", "read", "repeated", "zero_is_absent")

    def __init__(self, field: FieldDescriptor, read: Read, zero_is_absent: bool, most: int) -> None:
        self.most = most
        self.name = field.name
        self.read = read
        self.repeated = field.is_repeated
        self.presence = field.has_presence
        self.zero_is_absent = zero_is_absent


Plan = tuple[_Field, ...]


def violations(error: ValidationError, drop: int = 0) -> Violations:
    """Pydantic's errors as a Fault, as many as REST tells; `drop` leaves out the first names of
    each place."""
    errors = error.errors(include_url=False)[:MOST_TOLD]
    shifted = [{**each, "loc": each["loc"][drop:]} for each in errors]
    return Violations(list(faults_of(shifted, None)))


def read(plan: Plan, message: Message, place: str = "") -> dict[str, Any]:
    """The values of a message's fields, as `plan_of` said."""
    values: dict[str, Any] = {}
    for field in plan:
        if field.presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        if not value and field.zero_is_absent and not field.presence:
            continue
        here = f"{place}/{field.name}"
        if field.repeated:
            if len(value) > field.most:  # before any is read: there may be half a million
                raise invalid("too_long", f"A list has at most {field.most} entries.", here)
            one = field.read
            values[field.name] = [one(each, f"{here}/{i}") for i, each in enumerate(value)]
        else:
            values[field.name] = field.read(value, here)
    return values


@cache
def plan_of(
    model: type[BaseModel],
    descriptor: Descriptor,
    skip: frozenset[str],
) -> Plan:
    """How messages of `descriptor` are read as a `model`, as in `parse`. Raises TypeError."""
    fields: list[_Field] = []
    for field in descriptor.fields:
        if field.name in skip or field.name in ALWAYS_SKIPPED:
            continue
        wanted = model.model_fields.get(field.name)
        if wanted is None:
            raise TypeError(f"{descriptor.full_name}.{field.name}: not in {model.__name__}")
        check_words(field, model)
        textual = field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_ENUM)
        absent = not wanted.is_required() or (textual and not field.is_repeated)
        limits = (getattr(each, "max_length", None) for each in wanted.metadata)
        most = next((each for each in limits if each is not None), MOST_ENTRIES)
        fields.append(_Field(field, _reader(field, wanted.annotation), absent, most))
    return tuple(fields)


def _reader(field: FieldDescriptor, annotation: Any) -> Read:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        assert field.message_type is not None
        if field.message_type.full_name == "google.protobuf.Timestamp":
            return _instant
        if field.message_type.full_name == "google.protobuf.Struct":
            return _object
        inner = model_in(annotation)
        if inner is None:
            raise TypeError(f"{field.full_name}: a message, but no model in {annotation}")
        plan = plan_of(inner, field.message_type, frozenset())
        return lambda value, place: read(plan, value, place)
    if field.type == FieldDescriptor.TYPE_ENUM:
        assert field.enum_type is not None
        labels = labels_of(field.enum_type)
        return lambda value, place: labels.get(value, "")
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return _finite
    return lambda value, place: value


def check_words(field: FieldDescriptor, model: type[BaseModel]) -> None:
    """Raises TypeError, naming both files, where an enum of the proto and what `model` says in its
    place have other words; what the proto leaves unspecified is no word."""
    if field.enum_type is None:
        return
    stated = words_in(model.model_fields[field.name].annotation)
    kind = next(filter(None, stated.values()), model)
    proto = words_of(field.enum_type).values()
    try:
        differ({proto_of(field.enum_type): proto, python_of(kind): stated})
    except ValueError as error:
        raise TypeError(f"{field.full_name}: {error}") from None


def _instant(value: Timestamp, place: str) -> datetime:
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid("out_of_range", "An instant is out of range.", place) from None


def _object(value: Struct, place: str) -> dict[str, Any]:
    """As JSON says it, and REST would take it."""
    found = {name: _plain(each) for name, each in value.fields.items()}
    check(found, place)
    return found


def _plain(value: Value) -> Any:
    """A number without a fraction is an integer, as far as a double says which."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: _plain(each) for name, each in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_plain(each) for each in value.list_value.values]
    if kind in (None, "null_value"):
        return None
    found = getattr(value, kind)
    if kind == "number_value" and abs(found) < _WHOLE and found.is_integer():
        return int(found)
    return found


def _text(value: str, place: str) -> str:
    check_text(value, place)
    return value


def _finite(value: float, place: str) -> float:
    if not math.isfinite(value):
        raise invalid("out_of_range", "A number is out of range.", place)
    return value
