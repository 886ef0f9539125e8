"""Parts of stored states: what a list shows of each, so that the rest is not even read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

Parts = Mapping[str, tuple[str, ...]]
"""Top-level fields. Of a list of objects the names that are wanted of each; () for all."""


def parts_of(summary: type[Any]) -> Parts:
    """The parts that a dataclass holds: its fields, and of a list of dataclasses theirs. What
    belongs to the document itself is no part of its state."""
    hints = get_type_hints(summary)
    names = [field.name for field in dataclasses.fields(summary) if field.init]
    return {name: _names(hints[name]) for name in names if name not in _OF_THE_DOCUMENT}


def cut(state: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """What `asked` gets of the database."""
    return {
        name: [_of(each, names) for each in state[name]] if names else state[name]
        for name, names in parts.items()
        if name in state and (not names or isinstance(state[name], list))
    }


def asked(parts: Parts, schema: int) -> dict[str, Any]:
    """The same as an expression of MongoDB. A state of another schema is wanted whole."""
    there = {name: _expression(f"$state.{name}", names) for name, names in parts.items()}
    same = {"$eq": [{"$ifNull": ["$schema", 1]}, schema]}
    return {"$cond": [same, there, "$state"]}


_OF_THE_DOCUMENT = ("id", "district", "version")


def _names(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) not in (list, tuple):
        return ()
    item = get_args(hint)[0]
    if not dataclasses.is_dataclass(item):
        return ()
    return tuple(field.name for field in dataclasses.fields(item))


def _of(each: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: each[name] for name in names if name in each}


def _expression(path: str, names: tuple[str, ...]) -> Any:
    if not names:
        return path
    each = {name: f"$$each.{name}" for name in names}
    some = {"$map": {"input": path, "as": "each", "in": each}}
    return {"$cond": [{"$isArray": path}, some, "$$REMOVE"]}


def dataclasses_in(hint: Any) -> Iterator[type[Any]]:
    """A dataclass and all that its fields hold, each once or more."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from dataclasses_in(inner)
    for argument in get_args(hint):
        yield from dataclasses_in(argument)
