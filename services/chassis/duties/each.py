"""What a duty does to each of many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Fault, Kind
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.keys import Act
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")
PAGE = 100
_FULL = (Kind.LIMITED, Kind.TOO_LARGE)  # of one of them, whatever the others are
_Do = Callable[[Call, str, Act[A]], Awaitable[A | None]]


async def change_each(
    path: WritePath[A],
    call: Call,
    where: Mapping[str, Scalar],
    act: Act[A],
    by: ByDate | None = None,
) -> None:
    """Change whatever is found, each by a write of its own under the call's key: done again, what
    is done already stays. An index must hold `where`, in order `by`. Raises Fault UNAVAILABLE, when
    all others are done, where some cannot be read by this build, and likewise LIMITED or TOO_LARGE,
    where one has no room for more."""
    await _each(path, path.change, call, where, act, by)


async def unless_erased(path: WritePath[A], call: Call, id: str, work: Awaitable[T]) -> T | None:
    """What comes of work on an aggregate; None where that was erased, of which an older event has
    asked for it. Raises as `work` does, NOT_FOUND where there never was one."""
    try:
        return await work
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND or not await path.is_erased(call.district, id):
            raise
        return None


async def erased_since(
    of: WritePath[Any], id: str, path: WritePath[A], call: Call, made: str
) -> bool:
    """Whether what was just written hangs on an aggregate that was erased after it was looked at.
    It is erased then: the duty that erases what is left of that one may have looked before. 1
    command."""
    if not await of.is_erased(call.district, id):
        return False
    await path.erase(replace(call, if_match=None), made, lambda each: each.erase())
    return True


async def erase_each(
    path: WritePath[A],
    call: Call,
    where: Mapping[str, Scalar],
    act: Act[A],
    by: ByDate | None = None,
) -> None:
    """As `change_each`, of what `act` says is no more."""
    await _each(path, path.erase, call, where, act, by)


async def _each(
    path: WritePath[A],
    do: _Do[A],
    call: Call,
    where: Mapping[str, Scalar],
    act: Act[A],
    by: ByDate | None,
) -> None:
    full: Fault | None = None
    async for each in every(path, call.district, where, by):
        try:
            await do(call, each.id, act)
        except Fault as fault:
            if fault.kind not in _FULL:
                raise
            full = fault
    if full is not None:
        raise full


async def every(
    path: WritePath[A], district: str, where: Mapping[str, Scalar], by: ByDate | None = None
) -> AsyncIterator[A]:
    """Whatever is found, page by page. An index must hold `where`, in order `by`. Raises Fault
    UNAVAILABLE, after all others, where some cannot be read by this build."""
    after, more, unreadable = "", True, 0
    while more:
        found = await path.find(district, where, after, PAGE, by)
        for each in found.items:
            yield each
        unreadable += found.left_out
        after, more = found.after, bool(found.after)
    if unreadable:
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Some cannot be read by this build.")
