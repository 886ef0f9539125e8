"""Names beside ids: fields of an answer that say what somebody or something is called whose id
stands beside them. They are filled in when the whole answer is there, with one question for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, Field

from services.chassis.call import Call
from services.chassis.fields import model_in

R = TypeVar("R", bound=BaseModel)


class Named(NamedTuple):
    """What is to be named: a kind of thing, its id and, where only somebody knows it, who."""

    kind: str
    id: str
    of: str = ""


class Names(Protocol):
    async def names(self, call: Call, wanted: Sequence[Named]) -> Mapping[Named, str]:
        """Those that are known, of the caller's district. No database command when warm."""


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


class _Plan(NamedTuple):
    names: Sequence[tuple[str, _NameOf]]
    inner: Sequence[tuple[str, Any]]


async def with_names(resources: Sequence[R], call: Call, names: Names) -> Sequence[R]:
    """The same with all names that are known."""
    if not resources or (plan := _plan(type(resources[0]))) is None:
        return resources
    wanted = {each for resource in resources for each in _wanted(plan, resource)}
    if not wanted:
        return resources
    known = await names.names(call, sorted(wanted))
    return [_filled(plan, resource, known) for resource in resources]


@cache
def _plan(model: type[BaseModel]) -> _Plan | None:
    names, inner = [], []
    for name, field in model.model_fields.items():
        marks = [each for each in field.metadata if isinstance(each, _NameOf)]
        names += [(name, each) for each in marks]
        within = model_in(field.annotation)
        deeper = _plan(within) if within is not None else None
        if deeper is not None:
            inner.append((name, deeper))
    return _Plan(tuple(names), tuple(inner)) if names or inner else None


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
    for name, deeper in plan.inner:
        value = getattr(resource, name)
        if isinstance(value, list):
            found[name] = [_filled(deeper, each, known) for each in value]
        elif value is not None:
            found[name] = _filled(deeper, value, known)
    return resource.model_copy(update=found)
