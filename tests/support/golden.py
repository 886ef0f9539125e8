"""Golden examples: one JSON file per event type, `tests/contract/golden/<service>/<Event>.json`.

A file says which record an event becomes: its type, its Kafka keys, its school year and its
message in protobuf JSON. Set GOLDEN=write to write the files anew after a deliberate change,
and read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.message import Message

from services.access.retention_report import REPORTED, RetentionReport, YearCount
from services.assembly.registry import WRITE_SERVICES
from services.chassis.duties.receipt import GIVEN, Receipt
from services.chassis.write.states import AggregateCodec
from services.chassis.write.write_path import EncodedEvent
from services.ctl import docs_events
from tests.support.clocks import START

FOLDER = Path(__file__).parents[1] / "contract" / "golden"


def message_class(type_name: str) -> type[Message]:
    descriptor = descriptor_pool.Default().FindMessageTypeByName(type_name)
    return message_factory.GetMessageClass(descriptor)


def as_json(event: EncodedEvent) -> dict[str, Any]:
    message = message_class(event.type)()
    message.ParseFromString(event.data)
    return {
        "type": event.type,
        "keys": list(event.keys),
        "school_year": event.year,
        "message": json_format.MessageToDict(message, preserving_proto_field_name=True),
    }


def assert_golden(service: str, event: EncodedEvent) -> None:
    """The event equals its committed example."""
    path = FOLDER / service / f"{event.type.rpartition('.')[2]}.json"
    found = as_json(event)
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(path.read_text()), f"{path.name} no longer says what is published"


def assert_report(service: str, codec: AggregateCodec[RetentionReport]) -> None:
    """What every service publishes of a round of retention."""
    report = RetentionReport(
        id="5f0c9a4e-0000-4000-8000-00000000000c",
        district="north",
        retention="5f0c9a4e-0000-4000-8000-00000000000d",
        of="relationships" if service == "programs" else service,
        round=3,
        at=START,
        years=(YearCount(2024, 2), YearCount(2025, 12)),
        due=1,
        held=2,
        later=3,
        erased=4,
        complete=True,
    )
    assert codec.from_state(report.id, "north", 0, codec.to_state(report)) == report
    encoded = codec.encode(report, REPORTED)
    assert encoded.keys == (f"north:{report.id}",)
    assert_golden(service, encoded)


def assert_receipt(service: str, codec: AggregateCodec[Receipt]) -> None:
    """What a service says of an order to erase equals its committed example, and names nobody."""
    receipt = Receipt(
        id="5f0c9a4e-0000-4000-8000-000000000010",
        district="north",
        of="5f0c9a4e-0000-4000-8000-000000000009",
        of_version=1,
        done=7,
        at=START,
    )
    assert codec.from_state(receipt.id, "north", 0, codec.to_state(receipt)) == receipt
    encoded = codec.encode(receipt, GIVEN)
    assert encoded.keys == (f"north:{receipt.id}",)
    assert_golden(service, encoded)


def golden_events(service: str) -> list[EncodedEvent]:
    """Every committed example of a service, as it was published."""
    events = []
    for path in sorted((FOLDER / service).glob("*.json")):
        example = json.loads(path.read_text())
        message = json_format.ParseDict(example["message"], message_class(example["type"])())
        events.append(
            EncodedEvent(
                type=example["type"],
                keys=tuple(example["keys"]),
                data=message.SerializeToString(deterministic=True),
                year=example["school_year"],
            )
        )
    return events


def event_files() -> list[Any]:
    """The generated modules of all that is published."""
    return [
        import_module(f"coaching.{service}.v1.{path.stem}_pb2")
        for service in WRITE_SERVICES
        for path in docs_events.event_files(service)
    ]


def assert_complete(service: str, *files: Any) -> None:
    """Every event message of the service's files of events has an example, and no other has.
    Every field is set in one of them."""
    messages = {
        name
        for events in files
        for name, descriptor in events.DESCRIPTOR.message_types_by_name.items()
        if len(descriptor.fields) == 1 and descriptor.fields[0].message_type is not None
    }
    examples = golden_events(service)
    assert {each.type.rpartition(".")[2] for each in examples} == messages
    fields: set[str] = set()
    said: set[str] = set()
    for each in examples:
        message = message_class(each.type)()
        message.ParseFromString(each.data)
        fields |= set(_fields_of(message))
        said |= set(_said(message))
    assert fields == said, "fields that no example says"


def _fields_of(message: Message) -> Iterator[str]:
    """The full names of a message's fields, and of those within."""
    for field in message.DESCRIPTOR.fields:
        yield field.full_name
        if within := _ours(field):
            yield from _fields_of(within())


def _said(message: Message) -> Iterator[str]:
    """Those of them that are set."""
    for field, value in message.ListFields():
        yield field.full_name
        if _ours(field):
            for each in value if field.is_repeated else [value]:
                yield from _said(each)


def _ours(field: Any) -> type[Message] | None:
    """The class of a field's messages, where these are our own."""
    name = field.message_type.full_name if field.message_type is not None else ""
    return message_class(name) if name.startswith("coaching.") else None
