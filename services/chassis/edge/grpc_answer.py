"""From a resource, which REST answers as it is, to the protobuf message of the same fields.

The two have the same names. Beside them a message has an `etag` where the resource has a
`version`. Nothing is nothing: None leaves a field unset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, get_args

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from pydantic import BaseModel

from services.chassis.edge.grpc_parse import check_words
from services.chassis.fields import model_in
from services.chassis.words import labels_of
from services.chassis.write.states import stamp

Tell = Callable[[Any], Any]  # a field's value -> what the message takes
_ETAG, _VERSION = "etag", "version"


def teller(resource: type[BaseModel], descriptor: Descriptor) -> Callable[[BaseModel], Message]:
    """Makes the message that says what a `resource` does. Raises TypeError, naming the fields,
    where one of the two says more than the other."""
    plan = _plan(resource, descriptor)
    made = GetMessageClass(descriptor)

    def tell(answer: BaseModel) -> Message:
        return made(**_told(plan, answer))

    return tell


def _told(plan: Mapping[str, tuple[str, Tell]], answer: BaseModel) -> dict[str, Any]:
    told = {}
    for name, (source, tell) in plan.items():
        value = getattr(answer, source)
        if value is not None:
            told[name] = tell(value)
    return told


def _plan(resource: type[BaseModel], descriptor: Descriptor) -> Mapping[str, tuple[str, Tell]]:
    fields = {each.name: each for each in descriptor.fields}
    said = set(resource.model_fields)
    if _ETAG in fields and _VERSION in said:
        said = said - {_VERSION} | {_ETAG}
    if said != fields.keys():
        alone = ", ".join(sorted(said ^ fields.keys()))
        raise TypeError(f"{descriptor.full_name} and {resource.__name__} differ: {alone}")
    plan: dict[str, tuple[str, Tell]] = {}
    for name, field in fields.items():
        if name == _ETAG and _VERSION in resource.model_fields:
            plan[name] = (_VERSION, lambda version: f'"{version}"')
        else:
            check_words(field, resource)
            one = _teller(field, resource.model_fields[name].annotation)
            plan[name] = (name, _each(one) if field.is_repeated else one)
    return plan


def _teller(field: FieldDescriptor, annotation: Any) -> Tell:
    if field.type == FieldDescriptor.TYPE_ENUM:
        assert field.enum_type is not None
        return _numbers(field.enum_type).__getitem__
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return (
            date.isoformat if date in (annotation, *get_args(annotation)) else lambda value: value
        )
    assert field.message_type is not None
    if field.message_type.full_name == "google.protobuf.Timestamp":
        return stamp
    if field.message_type.full_name == "google.protobuf.Struct":
        return _struct
    inner = model_in(annotation)
    if inner is None:
        raise TypeError(f"{field.full_name}: a message, but no model in {annotation}")
    return teller(inner, field.message_type)


def _struct(value: Mapping[str, Any]) -> Struct:
    made = Struct()
    made.update(value)
    return made


def _each(tell: Tell) -> Tell:
    return lambda values: [tell(value) for value in values]


def _numbers(enum: EnumDescriptor) -> Mapping[str, int]:
    return {label: number for number, label in labels_of(enum).items()}
