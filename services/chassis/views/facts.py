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
from services.chassis.views.projection import Row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
E = TypeVar("E", bound=StrEnum)
Stored = Mapping[str, Any]
Read = Callable[[Any], Any]


class FactOf(Generic[T]):
    """Facts of one kind. The dataclass `kind` has the fact's own id as its first field, `id`,
    which is the fact's name in its row; every other field stands under its own name and is a text,
    a flag, a count (int), a number (float), an instant, a day, one of a StrEnum, or one of these or
    None. `reads`: how a field is read that is stored as something else."""

    def __init__(self, kind: type[T], **reads: Read) -> None:
        hints = get_type_hints(kind)
        declared = [each for each in fields(kind) if each.name != "id"]
        self._kind: Callable[..., T] = kind
        self._fields = tuple(
            (each.name, each.default, reads.get(each.name) or _reader(hints[each.name]))
            for each in declared
        )
        self._names = frozenset(each.name for each in declared)

    def write(self, **values: Any) -> dict[str, Any]:
        """The values of a fact as they are stored. Raises TypeError where they are not those of
        its fields."""
        if values.keys() != self._names:
            raise TypeError(f"not the fields of {self._kind}: {values.keys() ^ self._names}")
        return values

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


def facts_in(row: Row, group: str) -> Sequence[tuple[str, dict[str, Any]]]:
    """The facts of a group by id, in the order of their ids. Raises whatever a broken row
    leads to."""
    return [
        (from_field_name(name) if "%" in name else name, fact)
        for name, fact in sorted(row["facts"].get(group, {}).items())
    ]


def named(kind: type[E], numbers: Mapping[int, str], unknown: E) -> Read:
    """Reads a member by its name or, as `#7`, by the number that a build stored which had no name
    for it; `unknown` where this one has none either."""
    members = {each.value: each for each in kind}

    def read(stored: Any) -> E:
        name = _text(stored)
        if name.startswith("#"):
            name = numbers.get(int(name[1:]), name)
        return members.get(name, unknown)

    return read


def _reader(annotation: Any) -> Read:
    one_of = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    kinds = [each for each in one_of if each is not NoneType]
    if len(kinds) != 1 or kinds[0] not in _READERS:
        raise TypeError(f"no fact holds a {annotation}")
    read = _READERS[kinds[0]]
    if NoneType not in one_of:
        return read
    return lambda stored: None if stored is None else read(stored)


def _text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise TypeError
    return stored


def _flag(stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise TypeError
    return stored


def _count(stored: Any) -> int:
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
    str: _text,
    bool: _flag,
    int: _count,
    float: _number,
    datetime: _instant,
    date: date.fromisoformat,
}
