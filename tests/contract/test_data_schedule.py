"""The data schedule has every field that is stored or published, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor

import coaching
from services.assembly.data_schedule import (
    MEANINGS,
    NEVER_PUBLISHED,
    FieldHolds,
    data_schedule,
    names_of,
    shown_by,
)
from services.assembly.registry import WRITE_SERVICES
from services.chassis.write.entries import EntryCodec
from services.chassis.write.parts import dataclasses_in
from services.ctl import docs_schedule
from services.ctl.local.ensure import bootstrap_of
from tests.support import golden_states

SCHEDULE = data_schedule()
CODECS = {
    f"{service}/{codec.kind}": codec
    for service in WRITE_SERVICES
    for codec in golden_states.codecs(service)
}


def stored(record: type[Any], before: str = "") -> Iterator[str]:
    """A dataclass's fields, those of its parts by their dotted names."""
    hints = get_type_hints(record)
    for field in dataclasses.fields(record):
        if field.name in golden_states.APART and not before:
            continue
        part = next(dataclasses_in(hints[field.name]), None)
        if part is None:
            yield before + field.name
        else:
            yield from stored(part, f"{before}{field.name}.")


def published(message: Descriptor, before: str = "") -> Iterator[str]:
    for field in message.fields:
        part = field.message_type if field.type == FieldDescriptor.TYPE_MESSAGE else None
        if part is None or part.full_name.startswith("google."):
            yield before + field.name
        else:
            yield from published(part, f"{before}{field.name}.")


def snapshots() -> Iterator[Descriptor]:
    """What the events of all topics say: each has one field, the whole published state."""
    for folder in coaching.__path__:
        for path in sorted(Path(folder).glob("*/v1/*events_pb2.py")):
            if path.parents[1].name == "looks":  # of no record: it is the store `look_events`
                continue
            module = importlib.import_module(f"coaching.{path.parents[1].name}.v1.{path.stem}")
            messages = module.DESCRIPTOR.message_types_by_name.values()
            within = {field.message_type for each in messages for field in each.fields}
            for event in messages:
                if event not in within:
                    (field,) = event.fields
                    yield field.message_type


def events_of(snapshot: str) -> Iterator[str]:
    """Those that say a state of this name."""
    file = descriptor_pool.Default().FindFileContainingSymbol(snapshot)
    for message in file.message_types_by_name.values():
        if [each.message_type.full_name for each in message.fields if each.message_type] == [
            snapshot
        ]:
            yield message.full_name


def test_every_kind_that_is_stored_is_a_record() -> None:
    assert SCHEDULE.records.keys() == CODECS.keys()


@pytest.mark.parametrize("name", sorted(CODECS))
def test_every_stored_field_is_in_it_once(name: str) -> None:
    said = sorted(names_of(SCHEDULE.records[name].stored))
    assert said == sorted(stored(CODECS[name].aggregate))


def test_what_leaves_a_record_is_a_part_that_is_in_it() -> None:
    for service in WRITE_SERVICES:
        for codec in golden_states.codecs(service, EntryCodec):
            parts = set(dataclasses_in(CODECS[f"{service}/{codec.of}"].aggregate))
            assert codec.stored in parts, codec.kind


def test_every_event_is_of_a_record() -> None:
    told = {each.full_name for each in snapshots()}
    assert told == {each.event for each in SCHEDULE.records.values()}


@pytest.mark.parametrize("name", sorted(SCHEDULE.records))
def test_every_published_field_is_in_it_once(name: str) -> None:
    record = SCHEDULE.records[name]
    (message,) = {each for each in snapshots() if each.full_name == record.event}
    assert sorted(names_of(record.published)) == sorted(published(message))


@pytest.mark.parametrize("name", sorted(SCHEDULE.records))
def test_what_a_records_request_says_of_a_record_is_in_it(name: str) -> None:
    """Each field by which it is found names a person (or is her own id), and what is shown or
    withheld, by itself or as a whole part, is stored; what of its events is told is published."""
    record = SCHEDULE.records[name]
    people = {*record.stored.get(FieldHolds.PERSON, ()), "sourced_id"}
    fields = {*names_of(record.stored)}
    assert record.personal.keys() <= people
    parts = {field.rpartition(".")[0] for field in fields} - {""}
    assert record.withheld.keys() <= fields | parts
    assert {*record.told} <= {name.rpartition(".")[2] for name in events_of(record.event)}
    for part in record.personal.values():
        assert {*part.shown} <= fields


@pytest.mark.parametrize("name", sorted(SCHEDULE.records))
def test_every_field_that_names_a_person_finds_it_or_has_a_reason_why_not(name: str) -> None:
    record = SCHEDULE.records[name]
    others = {*record.stored.get(FieldHolds.PERSON, ())} - record.personal.keys()
    assert {each.rpartition(".")[2] for each in others} <= SCHEDULE.named_only.keys()


def test_no_reason_is_left_over() -> None:
    known = {
        each.rpartition(".")[2]
        for record in SCHEDULE.records.values()
        for each in {*record.stored.get(FieldHolds.PERSON, ())} - record.personal.keys()
    }
    assert SCHEDULE.named_only.keys() == known


def test_every_secret_is_withheld() -> None:
    for name, record in SCHEDULE.records.items():
        assert {*record.stored.get(FieldHolds.SECRET, ())} <= record.withheld.keys(), name


def test_no_words_and_no_secret_are_published() -> None:
    for name, record in SCHEDULE.records.items():
        assert not NEVER_PUBLISHED & record.published.keys(), name


def test_each_record_names_an_operation_that_shows_it() -> None:
    for name, record in SCHEDULE.records.items():
        service, operation = shown_by(name, record)
        policies = bootstrap_of(service).policies()
        assert operation.startswith(("get_", "list_")), name
        assert docs_schedule.seen_by(policies[operation]), name


def test_what_a_field_holds_is_explained() -> None:
    assert set(MEANINGS) == set(FieldHolds)


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        docs_schedule.main([])
    assert docs_schedule.main(["--check"]) == 0, "run: python -m services.ctl.docs_schedule"
