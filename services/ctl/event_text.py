"""An event that passes, for people and for machines: decoded, on one line."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import cycle
from typing import TYPE_CHECKING, Any

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from rich.text import Text

from services.assembly.registry import SERVICES, TOPICS
from services.chassis.log.envelope import Envelope, Record, Unreadable, open_envelope
from services.chassis.views.decode import message_class
from services.ctl.console import plain

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

SERVICE_OF = {topic: topic.split(".")[1] for topic in TOPICS}
# The eye tells services apart by it.
COLORS = dict(zip(SERVICES, cycle(("cyan", "green", "yellow", "magenta", "blue")), strict=False))


@dataclass(frozen=True, slots=True)
class Passed:
    """A record, read as far as it can be: `reason` says what is wrong with it, if anything."""

    record: Record
    envelope: Envelope | None = None
    message: Message | None = None
    reason: str = ""

    @property
    def service(self) -> str:
        return SERVICE_OF.get(self.record.topic, "")

    @property
    def type(self) -> str:
        """The message's name without its package."""
        return self.envelope.type.rpartition(".")[2] if self.envelope else ""

    @property
    def district(self) -> str:
        return self.envelope.district if self.envelope else ""

    @property
    def about(self) -> str:
        """Who or what the key names."""
        return self.envelope.key.partition(":")[2] if self.envelope else ""

    @property
    def state(self) -> Mapping[str, Any]:
        """What the message says, by the names of its fields; whatever it leaves out is missing."""
        if self.message is None:
            return {}
        return MessageToDict(self.message, preserving_proto_field_name=True)


@cache
def event_types() -> frozenset[str]:
    """The full names of all messages that are published: those with one field, which is another
    message of the file. Imports them, so that each can be decoded."""
    found = set()
    for topic in TOPICS:
        package = import_module(topic)
        for _, name, _ in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if name.endswith("events_pb2"):
                messages = import_module(name).DESCRIPTOR.message_types_by_name.values()
                found |= {each.full_name for each in messages if _is_event(each)}
    return frozenset(found)


def _is_event(message: Descriptor) -> bool:
    if len(message.fields) != 1:
        return False
    (only,) = message.fields
    return only.message_type is not None and only.message_type.file.name == message.file.name


def read(record: Record) -> Passed:
    """Never raises, whatever a record holds."""
    try:
        envelope = open_envelope(record.headers, record.key)
    except Unreadable as error:
        return Passed(record, reason=f"unreadable: {error}")
    if envelope.type not in event_types():
        return Passed(record, envelope, reason=f"unknown: {envelope.type}")
    try:
        message = message_class(envelope.type).FromString(record.value or b"")
    except DecodeError:
        return Passed(record, envelope, reason="undecodable: not such a protobuf message")
    return Passed(record, envelope, message)


def as_json(passed: Passed) -> dict[str, Any]:
    """What there is to say of it: where it stands, its envelope and `data`, or the `reason`."""
    record, envelope = passed.record, passed.envelope
    told: dict[str, Any] = {"topic": record.topic, "partition": record.partition,
                            "offset": record.offset}  # fmt: skip
    if envelope is not None:
        told |= {
            "id": envelope.event_id,
            "type": envelope.type,
            "service": passed.service,
            "district": envelope.district,
            "about": passed.about,
            "aggregate_id": envelope.aggregate_id,
            "version": envelope.version,
            "time": envelope.occurred_at.isoformat(),
            "school_year": envelope.year or None,
            "correlation_id": envelope.correlation,
        }
    return {**told, "reason": passed.reason} if passed.reason else {**told, "data": passed.state}


def line(passed: Passed) -> Text:
    """When, what, about whom, its version, and what it says; the time is the watcher's."""
    envelope, service = passed.envelope, passed.service
    if envelope is None:
        at = f"{passed.record.topic}/{passed.record.partition} at {passed.record.offset}"
        return Text(plain(f"{at}  {passed.reason}"), style="red")
    text = Text()
    text.append(f"{envelope.occurred_at.astimezone():%H:%M:%S}  ", "dim")
    text.append(f"{plain(service):<13}", COLORS.get(service, ""))
    text.append(f"{plain(passed.type):<26} ", "bold")
    text.append(f"{plain(envelope.district)}:{plain(passed.about)}  ", COLORS.get(service, ""))
    text.append(f"v{envelope.version}  ", "dim")
    text.append(plain(passed.reason or _said(passed.state)), "red" if passed.reason else "")
    return text


def _said(state: Mapping[str, Any]) -> str:
    """`goal_id=... state=...`: what stands within the one field of an event."""
    inner: Mapping[str, Any] = next(iter(state.values()), {})
    return " ".join(f"{name}={_value(value)}" for name, value in inner.items())


def _value(value: Any) -> str:
    return value if isinstance(value, str) and " " not in value else orjson.dumps(value).decode()
