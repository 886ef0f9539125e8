"""Whatever changes what is stored gives it a new number, and every number is still read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from bson import decode, encode
from bson.codec_options import CodecOptions

from services.assembly.registry import WRITE_SERVICES
from services.chassis.log.envelope import Entry
from services.chassis.troubles import Troubles
from services.chassis.write.documents import Document
from services.chassis.write.entries import EntryCodec
from services.chassis.write.loading import load
from services.chassis.write.parts import cut
from services.chassis.write.states import AggregateCodec
from tests.support import golden_states

KINDS = [(service, codec) for service in WRITE_SERVICES for codec in golden_states.codecs(service)]
ENTRIES = [
    (service, codec)
    for service in WRITE_SERVICES
    for codec in golden_states.codecs(service, EntryCodec)
]
AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True)
named = pytest.mark.parametrize(
    ("service", "codec"), KINDS, ids=[f"{service}-{codec.kind}" for service, codec in KINDS]
)


named_entries = pytest.mark.parametrize(
    ("service", "codec"), ENTRIES, ids=[f"{service}-{codec.kind}" for service, codec in ENTRIES]
)


def files(service: str, kind: str) -> dict[str, Path]:
    return {
        path.name.split(".")[1]: path
        for path in golden_states.folder(service).glob(f"{kind}.*.json")
    }


def test_there_is_no_file_of_what_is_not_stored() -> None:
    for service in WRITE_SERVICES:
        kinds = {codec.kind for of, codec in (*KINDS, *ENTRIES) if of == service}
        stored = golden_states.folder(service).glob("*")  # none of a service that is new
        assert {path.name.split(".")[0] for path in stored} <= kinds


@named
def test_each_number_has_its_file(service: str, codec: AggregateCodec[Any]) -> None:
    newest = golden_states.folder(service) / f"{codec.kind}.{codec.schema}.json"
    if os.environ.get("GOLDEN") == "write" and not newest.exists():
        golden_states.write(newest, golden_states.golden(codec))
    numbers = {str(number) for number in range(1, codec.schema + 1)}
    assert files(service, codec.kind).keys() - {"unnumbered"} == numbers


@named
def test_what_is_stored_is_as_its_number_says(service: str, codec: AggregateCodec[Any]) -> None:
    said = golden_states.read(files(service, codec.kind)[str(codec.schema)])
    told = (
        f"what is stored of a {codec.kind} has changed: one more upcaster in its codec gives it "
        "a new schema number, GOLDEN=write the file for it"
    )
    assert said["shape"] == golden_states.shape(codec.aggregate), told
    assert (said["kind"], said["schema"]) == (codec.kind, codec.schema)
    aggregate = codec.from_state("id", "north", 3, said["state"])
    assert decode(encode(codec.to_state(aggregate)), AWARE) == said["state"], told


@named
def test_every_number_is_read(service: str, codec: AggregateCodec[Any]) -> None:
    for number, path in files(service, codec.kind).items():
        schema = 1 if number == "unnumbered" else int(number)
        state = golden_states.read(path)["state"]
        stored = Document("id", codec.kind, "north", 3, state, schema=schema)
        aggregate = load(codec, stored, Troubles())
        again = codec.from_state("id", "north", 3, codec.to_state(aggregate))
        assert again == aggregate, f"{path.name} is not read as it was meant"
        for summary in golden_states.summaries(service, codec.kind):
            sent = cut(state, summary.parts) if schema == codec.schema else state
            listed = Document("id", codec.kind, "north", 3, sent, schema=schema)
            assert load(summary, listed, Troubles()).version == 3


@named_entries
def test_entries_of_every_number_are_read(service: str, codec: EntryCodec[Any]) -> None:
    newest = golden_states.folder(service) / f"{codec.kind}.{codec.schema}.json"
    if os.environ.get("GOLDEN") == "write" and not newest.exists():
        golden_states.write(newest, golden_states.golden(codec))
    found = files(service, codec.kind)
    assert found.keys() == {str(number) for number in range(1, codec.schema + 1)}
    assert golden_states.read(newest)["shape"] == golden_states.shape(codec.stored), (
        f"what is kept as {codec.kind} has changed: it needs a new schema number"
    )
    for number, path in found.items():
        part = codec.part(Entry(codec.kind, 1, int(number), golden_states.read(path)["state"]))
        (again,) = codec.entries([(1, part)])
        assert codec.part(again) == part, f"{path.name} is not read as it was meant"
