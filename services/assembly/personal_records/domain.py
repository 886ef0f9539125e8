"""What is held about a person, thing by thing, as a records request gives it."""

from __future__ import annotations

import enum
import json
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic_core import to_jsonable_python

MOST_DIGITS = 12


class RecordPart(enum.StrEnum):
    """What a thing is: a record as it is stored, what has left one, an event of one, a draft, or a
    look at what is about her."""

    RECORD = "record"
    ENTRY = "entry"
    EVENT = "event"
    DRAFT = "draft"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """One thing. `role`: by which field of a record it is hers. `of`: the id of the record or
    draft; `number`: the version, 0 where it is not told, or the place in it; `content`: what is
    hers of it, as JSON."""

    part: RecordPart
    kind: str
    role: str
    of: str
    number: int
    at: datetime | None
    content: str


@dataclass(frozen=True, slots=True)
class Whose:
    """About whom it is asked; `own`: by herself."""

    district: str
    person: str
    own: bool


Read = tuple[PersonalRecord | None, str]
"""A thing, None where this build cannot read it, and the place behind it."""


class NotAPlace(Exception):
    """A place at which nothing that is read can begin."""


def number_of(text: str) -> int:
    """One that stands in a place. Raises NotAPlace."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise NotAPlace
    return int(text)


class Section(Protocol):
    """Some of what a service holds, in an order of its own."""

    def read(self, whose: Whose, after: str) -> AsyncIterator[Read]:
        """From the place `after` on, empty: from the beginning. Raises NotAPlace, and Fault
        INVALID of a place that a store does not know, or UNAVAILABLE."""


def stands_for(id: str) -> str:
    """What stands in place of the id of a record that is rather somebody else's: always the same,
    and it opens nothing. Who made an observation, say, may not be shown any more which one."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"personal record {id}"))


def as_json(state: Mapping[str, Any]) -> str:
    """The one text of a content: keys in order, no white space, instants as RFC 3339."""
    plain = to_jsonable_python(state)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def only(state: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """What of a state is named; a part's fields stand behind its name and a dot."""
    return {name: state[name] for name in state if name in names} | {
        name: _inner(state[name], within, only)
        for name, within in _parts(names).items()
        if name in state
    }


def without(state: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A state but for what is named."""
    parts = _parts(names)
    return {
        name: _inner(value, parts[name], without) if name in parts else value
        for name, value in state.items()
        if name not in names
    }


def _parts(names: Collection[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        first, dot, rest = name.partition(".")
        if dot:
            found.setdefault(first, []).append(rest)
    return found


def _inner(value: Any, names: Collection[str], cut: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_inner(each, names, cut) for each in value]
    return cut(value, names) if isinstance(value, Mapping) else value
