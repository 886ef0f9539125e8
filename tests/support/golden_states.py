"""Golden states: what is stored of each kind, beside the golden events in
`<service>/states/<kind>.<schema>.json`.

A file says the shape of a stored state, field by field with the values of enums, and an example
in which nothing is empty. `<kind>.unnumbered.json` is one as it was stored before there were
numbers: it counts as schema 1. Set GOLDEN=write to write the missing file of a new schema number.
"""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from bson import json_util

from services.chassis.write.entries import EntryCodec
from services.chassis.write.states import AggregateCodec, SummaryCodec

FOLDER = Path(__file__).parents[1] / "contract" / "golden"
APART = {"id", "district", "version", "last_event_at", "device_times", "_event", "_left"}
START = datetime(2026, 10, 5, 15, 0, 0, 123000, tzinfo=UTC)
EXAMPLES: Mapping[Any, Any] = {
    str: "text", int: 2027, float: 1.5, bool: True, bytes: b"\x01secret", datetime: START,
}  # fmt: skip


def codecs(service: str, of: type[Any] = AggregateCodec) -> Iterator[Any]:
    folder = Path("services") / service
    modules = sorted(".".join(path.with_suffix("").parts) for path in folder.glob("*/codec.py"))
    found = [each for name in modules for each in vars(import_module(name)).values()]
    yield from (each for each in found if isinstance(each, of))


def summaries(service: str, kind: str) -> list[SummaryCodec[Any]]:
    return [each for each in codecs(service, SummaryCodec) if each.kind == kind]


def folder(service: str) -> Path:
    return FOLDER / service / "states"


def shape(hint: Any) -> Any:
    """What can be stored: a field's type by name, an enum's values, all within."""
    if dataclasses.is_dataclass(hint):
        return {name: shape(inner) for name, inner in _fields(hint)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return sorted(str(each.value) for each in hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"or none": shape(next(each for each in arguments if each is not type(None)))}
    if origin in (list, tuple):
        return {"list of": shape(arguments[0])}
    assert hint in EXAMPLES, f"{hint} is not among what a state may hold"
    return hint.__name__


def example(hint: Any) -> Any:
    """A value of a stored type in which nothing is left out."""
    if dataclasses.is_dataclass(hint):
        return {name: example(inner) for name, inner in _fields(hint)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return str(next(iter(hint)).value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return example(next(each for each in arguments if each is not type(None)))
    if origin in (list, tuple):
        return [example(arguments[0])]
    return EXAMPLES[hint]


def golden(codec: AggregateCodec[Any] | EntryCodec[Any]) -> dict[str, Any]:
    """What the file of a codec's schema is to say."""
    stored = codec.aggregate if isinstance(codec, AggregateCodec) else codec.stored
    return {
        "kind": codec.kind,
        "schema": codec.schema,
        "shape": shape(stored),
        "state": example(stored),
    }


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json_util.loads(path.read_text(), json_options=OPTIONS)
    return found


def write(path: Path, said: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json_util.dumps(said, json_options=OPTIONS, indent=2) + "\n")


OPTIONS = json_util.RELAXED_JSON_OPTIONS.with_options(tz_aware=True, tzinfo=UTC)


def _fields(stored: Any) -> list[tuple[str, Any]]:
    hints = get_type_hints(stored)
    return [
        (field.name, hints[field.name])
        for field in dataclasses.fields(stored)
        if field.name not in APART or not _aggregate(stored)
    ]


def _aggregate(stored: Any) -> bool:
    return any(field.name == "_event" for field in dataclasses.fields(stored))
