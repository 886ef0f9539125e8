"""Facts declared once, as dataclasses: how their values are written into a row and read from it.

A row may have been written by another build, or be broken. What is read is of the types that are
declared, or nobody could show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_type_hints

from services.chassis.field_names import from_field_name
from services.chassis.views.projection import Row, is_gone
from services.chassis.words import python_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
E = TypeVar("E", bound=StrEnum)
Stored = Mapping[str, Any]
Read = Callable[[Any], Any]
Tell = Callable[[Exception], object]
OF_THE_EVENT = frozenset({"v", "at", "gone"})  # what a row keeps beside the value of every fact


class FactOf(Generic[T]):
    """Facts of one kind. The dataclass `kind` has the fact's own id as its first field, `id`,
    which is the fact's name in its row; every other field stands under its own name (`class_`
    under `class`) and is a text, a flag, a count (int), a number (float), an instant, a day, one of
    a StrEnum, or one of these or None. `reads`: how a field is read that is stored as something
    else. Raises TypeError for a field that is called as what a row keeps of the event."""

    def __init__(self, kind: type[T], **reads: Read) -> None:
        hints = get_type_hints(kind)
        declared = [each for each in fields(kind) if each.name != "id"]
        self._kind: Callable[..., T] = kind
        self._fields = tuple(
            (_stored_as(each.name), each.default, reads.get(each.name) or _reader(hints[each.name]))
            for each in declared
        )
        self._names = frozenset(each.name for each in declared)
        if taken := self._names & OF_THE_EVENT:
            raise TypeError(f"{kind}: {', '.join(sorted(taken))} is said of its event")

    def write(self, **values: Any) -> dict[str, Any]:
        """The values of a fact as they are stored. Raises TypeError where they are not those of
        its fields."""
        if values.keys() != self._names:
            raise TypeError(f"not the fields of {self._kind}: {values.keys() ^ self._names}")
        return {_stored_as(name): value for name, value in values.items()}

    def read(self, id: str, stored: Stored) -> T:
        """What an older build did not write has its default. Raises KeyError, TypeError and
        ValueError for what is not as it is declared."""
        values = []
        for name, default, read in self._fields:
            if name in stored:
                values.append(read(stored[name]))
            elif default is not MISSING:
                values.append(default)
            else:
                raise KeyError(name)
        return self._kind(id, *values)

    def all_in(self, row: Row, group: str, tell: Tell) -> tuple[T, ...]:
        """The facts of a group by id. What cannot be read of it is left out, and told."""
        found: list[T] = []
        try:
            for id_, stored in facts_in(row, group):
                try:
                    found.append(self.read(id_, stored))
                except Exception as error:  # noqa: BLE001 # whatever a fact may be
                    tell(error)
        except Exception as error:  # noqa: BLE001 # no facts at all
            tell(error)
        return tuple(found)


def facts_in(row: Row, group: str) -> Sequence[tuple[str, dict[str, Any]]]:
    """The facts of a group by id, in the order of their ids, without those that are another
    row's now. Raises whatever a broken row leads to."""
    return [
        (from_field_name(name) if "%" in name else name, fact)
        for name, fact in sorted(row["facts"].get(group, {}).items())
        if not is_gone(fact)
    ]


def named(kind: type[E], numbers: Mapping[int, str], unknown: E) -> Read:
    """Reads a member by its name or, as `#7`, by the number that a build stored which had no name
    for it; `unknown` where this one has none either. Raises ValueError where `kind` lacks one of
    the names: what is published is told, not unknown."""
    members = {each.value: each for each in kind}
    lacks = ", ".join(sorted(set(numbers.values()) - members.keys()))
    if lacks:
        raise ValueError(f"{python_of(kind)} lacks {lacks}")

    def read(stored: Any) -> E:
        name = text(stored)
        if name.startswith("#"):
            name = numbers.get(int(name[1:]), name)
        return members.get(name, unknown)

    return read


def listed(read: Read) -> Read:
    """Reads a list, each of it as `read` does, as a tuple."""

    def read_all(stored: Any) -> tuple[Any, ...]:
        if not isinstance(stored, list):
            raise TypeError
        return tuple(read(each) for each in stored)

    return read_all


def _stored_as(name: str) -> str:
    return name.rstrip("_")


def _reader(annotation: Any) -> Read:
    one_of = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    kinds = [each for each in one_of if each is not NoneType]
    if len(kinds) != 1 or kinds[0] not in _READERS:
        raise TypeError(f"no fact holds a {annotation}")
    read = _READERS[kinds[0]]
    if NoneType not in one_of:
        return read
    return lambda stored: None if stored is None else read(stored)


def text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise TypeError
    return stored


def span(stored: Any) -> tuple[datetime, datetime]:
    """Of two instants, from when till when."""
    first, last = stored
    return _instant(first), _instant(last)


def flag(stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise TypeError
    return stored


def count(stored: Any) -> int:
    if not (isinstance(stored, int) and 0 <= stored < 2**31):
        raise ValueError
    return stored


def _number(stored: Any) -> float:
    if not isinstance(stored, int | float):
        raise TypeError
    return stored


def _instant(stored: Any) -> datetime:
    if not isinstance(stored, datetime):
        raise TypeError
    return stored


_READERS: Mapping[type, Read] = {
    str: text,
    bool: flag,
    int: count,
    float: _number,
    datetime: _instant,
    date: date.fromisoformat,
}
