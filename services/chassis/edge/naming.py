"""What an answer says of other things, settled when the whole answer is there, with one question
for all: names beside ids, which are filled in, and ids of what has readers of its own, which are
left out where its reader is none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar, get_args

from pydantic import BaseModel, Field

from services.chassis.call import Call
from services.chassis.fields import model_in

R = TypeVar("R", bound=BaseModel)


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


async def settled(resources: Sequence[R], call: Call, names: Names) -> Sequence[R]:
    """The same without the references that are not the caller's to see, and with all names that
    are known."""
    if not resources or (plan := _plan(type(resources[0]))) is None:
        return resources
    if plan.refers:
        asked = {each for resource in resources for each in _referred(plan, resource)}
        if asked and (hidden := frozenset(await names.hidden(call, sorted(asked)))):
            resources = [_without(plan, resource, hidden) for resource in resources]
    wanted = {each for resource in resources for each in _wanted(plan, resource)}
    if not wanted:
        return resources
    known = await names.names(call, sorted(wanted))
    return [_filled(plan, resource, known) for resource in resources]


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


def _owned(name: str, mark: _RefersTo, resource: BaseModel) -> Owned | None:
    return Owned(mark.kind, getattr(resource, mark.of)) if getattr(resource, name) else None


def _referred(plan: _Plan, resource: BaseModel) -> Iterator[Owned]:
    for name, mark in plan.references:
        owned = _owned(name, mark, resource)
        if owned is not None:
            yield owned
    for name, deeper in plan.inner:
        for each in _each(getattr(resource, name)):
            yield from _referred(deeper, each)


def _without(plan: _Plan, resource: R, hidden: Collection[Owned]) -> R:
    gone: dict[str, Any] = {
        name: None for name, mark in plan.references if _owned(name, mark, resource) in hidden
    }
    inner = _inner(plan, resource, lambda deeper, each: _without(deeper, each, hidden))
    return resource.model_copy(update={**gone, **inner})


def _asks(mark: _NameOf, resource: BaseModel) -> Named | None:
    id_ = getattr(resource, mark.id)
    return Named(mark.kind, id_, getattr(resource, mark.of) if mark.of else "") if id_ else None


def _wanted(plan: _Plan, resource: BaseModel) -> Iterator[Named]:
    for _, mark in plan.names:
        asked = _asks(mark, resource)
        if asked is not None:
            yield asked
    for name, deeper in plan.inner:
        for each in _each(getattr(resource, name)):
            yield from _wanted(deeper, each)


def _each(value: Any) -> Sequence[BaseModel]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _filled(plan: _Plan, resource: R, known: Mapping[Named, str]) -> R:
    found: dict[str, Any] = {}
    for name, mark in plan.names:
        asked = _asks(mark, resource)
        found[name] = known.get(asked) if asked is not None else None
    inner = _inner(plan, resource, lambda deeper, each: _filled(deeper, each, known))
    return resource.model_copy(update={**found, **inner})


def _inner(
    plan: _Plan, resource: BaseModel, change: Callable[[_Plan, BaseModel], BaseModel]
) -> Mapping[str, Any]:
    """What lies within it, each changed."""
    found: dict[str, Any] = {}
    for name, deeper in plan.inner:
        value = getattr(resource, name)
        if isinstance(value, list):
            found[name] = [change(deeper, each) for each in value]
        elif value is not None:
            found[name] = change(deeper, value)
    return found
