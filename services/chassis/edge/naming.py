"""What an answer says of other things, settled when the whole answer is there, with one question
for all: names beside ids, which are filled in, and ids of what has readers of its own, which are
left out where its reader is none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol, get_args

from pydantic import BaseModel, Field

from services.chassis.call import Call
from services.chassis.fields import model_in


class Named(NamedTuple):
    """What is to be named: a kind of thing, its id and, where only somebody knows it, who."""

    kind: str
    id: str
    of: str = ""


class Owned(NamedTuple):
    """Things of a kind, as far as they are somebody's: who may see one may see all."""

    kind: str
    of: str


class Names(Protocol):
    """No database command when warm."""

    async def names(self, call: Call, wanted: Sequence[Named]) -> Mapping[Named, str]:
        """Those that are known, of the caller's district."""

    async def hidden(self, call: Call, asked: Sequence[Owned]) -> Collection[Owned]:
        """Those that the caller is not shown."""


@dataclass(frozen=True, slots=True)
class _NameOf:
    id: str
    kind: str
    of: str


def name_of(id: str, kind: str = "person", of: str = "", told: str = "") -> Any:
    """A field `str | None` that names what the field `id` of its model names; `of` is the field
    with the id of whoever knows it. `told`: in the document, in place of the usual words."""
    info: Any = Field(
        default=None, description=told or f"What `{id}` is called; null where it is not known"
    )
    info.metadata.append(_NameOf(id, kind, of))
    return info


@dataclass(frozen=True, slots=True)
class _RefersTo:
    kind: str
    of: str


def refers_to(kind: str, of: str) -> Any:
    """A field `str | None`, the id of a thing of a kind that has readers of its
    own; `of` is the field with the id of whoever it belongs to. For whom it is hidden it
    is null."""
    info: Any = Field(
        description=f"The {kind}; null where there is none, or the caller is not shown it"
    )
    info.metadata.append(_RefersTo(kind, of))
    return info


class _Plan(NamedTuple):
    names: Sequence[tuple[str, _NameOf]]
    references: Sequence[tuple[str, _RefersTo]]
    inner: Sequence[tuple[str, Any]]
    refers: bool  # itself, or something within it


def is_settled(model: type[BaseModel]) -> bool:
    """Whether it says something of other things that `settled` has to settle."""
    return _plan(model) is not None


async def settled(resources: Sequence[BaseModel], call: Call, names: Names) -> None:
    """Take out of resources the references that are not the caller's to see, and fill in all names
    that are known. They were made for this answer, and nobody has them yet: a copy of each part of
    each would cost more than the rest of an answer."""
    if not resources or (plan := _plan(type(resources[0]))) is None:
        return
    if plan.refers:
        referred = [each for resource in resources for each in _referred(plan, resource)]
        if referred:
            hidden = frozenset(await names.hidden(call, sorted({owned for *_, owned in referred})))
            for said, name, owned in referred:
                if owned in hidden:
                    said[name] = None
    wanted = [each for resource in resources for each in _wanted(plan, resource)]
    if wanted:
        known = await names.names(call, sorted({named for *_, named in wanted}))
        for said, name, named in wanted:
            said[name] = known.get(named)


@cache
def _plan(model: type[BaseModel]) -> _Plan | None:
    names, references, inner = [], [], []
    for name, field in model.model_fields.items():
        names += [(name, each) for each in field.metadata if isinstance(each, _NameOf)]
        marks = [each for each in field.metadata if isinstance(each, _RefersTo)]
        if marks and set(get_args(field.annotation)) != {str, type(None)}:
            raise TypeError(f"{model.__name__}.{name} cannot be null")
        references += [(name, each) for each in marks]
        within = model_in(field.annotation)
        deeper = _plan(within) if within is not None else None
        if deeper is not None:
            inner.append((name, deeper))
    if not (names or references or inner):
        return None
    refers = bool(references) or any(deeper.refers for _, deeper in inner)
    return _Plan(tuple(names), tuple(references), tuple(inner), refers)


def _referred(plan: _Plan, resource: BaseModel) -> Iterator[tuple[dict[str, Any], str, Owned]]:
    """What a resource and what lies within it says, by which name, of whose things."""
    said = vars(resource)
    for name, mark in plan.references:
        if said[name]:
            yield said, name, Owned(mark.kind, said[mark.of])
    for name, deeper in plan.inner:
        for each in _each(said[name]):
            yield from _referred(deeper, each)


def _wanted(plan: _Plan, resource: BaseModel) -> Iterator[tuple[dict[str, Any], str, Named]]:
    """The same of what is to be named."""
    said = vars(resource)
    for name, mark in plan.names:
        id_ = said[mark.id]
        if id_:
            yield said, name, Named(mark.kind, id_, said[mark.of] if mark.of else "")
    for name, deeper in plan.inner:
        for each in _each(said[name]):
            yield from _wanted(deeper, each)


def _each(value: Any) -> Sequence[BaseModel]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
