"""Words that are said twice, by an enum of a proto and by one of ours: held against each other.

What can be told from the names is not written out: `BEGUN_AGAIN = "begun_again"` of a thing's
events is the message `ThingBegunAgain`, and `DONE = "done"` of `ThingState` is `THING_STATE_DONE`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor
from google.protobuf.message_factory import GetMessageClass

E = TypeVar("E", bound=StrEnum)

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def labels_of(enum: EnumDescriptor) -> Mapping[int, str]:
    """Number -> lower-case name without the enum's prefix."""
    prefix = _SNAKE.sub("_", enum.name).upper() + "_"
    return {each.number: each.name.removeprefix(prefix).lower() for each in enum.values}


def words_of(enum: EnumDescriptor) -> dict[int, str]:
    """`labels_of` without what is unspecified."""
    return {number: label for number, label in labels_of(enum).items() if number}


def numbers_of(kind: type[E], enum: EnumDescriptor) -> dict[E, Any]:
    """Which of a proto's values each member is. Raises ValueError, naming both files, where one
    of the two has a word that the other lacks."""
    numbers = {label: number for number, label in words_of(enum).items()}
    differ({proto_of(enum): numbers.keys(), python_of(kind): {each.value for each in kind}})
    return {each: numbers[each.value] for each in kind}


def messages_of(file: FileDescriptor, noun: str, *kinds: type[StrEnum]) -> dict[Any, Any]:
    """The message of each event. Raises ValueError, naming both files, for one without."""
    found = {each: noun + each.value.title().replace("_", "") for kind in kinds for each in kind}
    missing = {each: name for each, name in found.items() if name not in file.message_types_by_name}
    if missing:
        each, name = next(iter(missing.items()))
        raise ValueError(f"proto/{file.name} lacks {name}, the event of {python_of(type(each))}")
    return {each: GetMessageClass(file.message_types_by_name[name]) for each, name in found.items()}


def events_with(snapshot: Descriptor) -> tuple[str, ...]:
    """The full names of the messages that hold such a snapshot."""
    return tuple(
        each.full_name
        for each in snapshot.file.message_types_by_name.values()
        if any(field.message_type is snapshot for field in each.fields)
    )


def proto_of(enum: EnumDescriptor) -> str:
    return f"{enum.name} in proto/{enum.file.name}"


def python_of(kind: type[Any]) -> str:
    return f"{kind.__name__} in {kind.__module__.replace('.', '/')}.py"


def differ(said: Mapping[str, Any]) -> None:
    """Raises ValueError where one of the two sides lacks what the other says."""
    (one, its), (other, others) = ((name, set(words)) for name, words in said.items())
    lacks = [
        f"{side} lacks {', '.join(sorted(less))}"
        for side, less in ((one, others - its), (other, its - others))
        if less
    ]
    if lacks:
        raise ValueError("; ".join(lacks))
