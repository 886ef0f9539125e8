"""What callers do with orders to erase."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from pydantic import Field

from services.access.access import Access
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.access.merges import records_of
from services.chassis.call import Call
from services.chassis.duties.each import every
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe, Text
from services.chassis.kernel import Clock, Fault, already_there, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.privacy.artifact_erasure.domain import WAITING, ArtifactErasure
from services.privacy.erasure.domain import Erasure, ErasureState

BY_DATE = ByDate("changed_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for her other records, `artifacts` for orders about single things."""

    erasures: Guarded[Erasure]
    path: WritePath[Erasure]
    artifacts: WritePath[ArtifactErasure]
    view: ReadsAnew
    names: Names
    access: Access
    clock: Clock


def about(erasure: Erasure) -> About:
    return About(parties=(erasure.person,))


class Reasoned(Body):
    reason: Text = Field(
        description="Why, in words; it does not leave this service",
        examples=["She has asked for it in writing."],
    )


class OrderErasure(Reasoned):
    pass


class HoldErasure(Reasoned):
    pass


class ReleaseErasure(Reasoned):
    pass


class WithdrawErasure(Reasoned):
    pass


async def order_erasure(ports: Ports, call: Call, person_id: Id, asked: OrderErasure) -> Erasure:
    """Order that everything about a person's coaching that was begun before is erased.

    Her goals, what was observed in her classes, her surveys, and who coached her: in every service,
    its journal and every view, for good. What she wrote about others is theirs and stays; her name
    in the roster is the roster's. It is of all records of hers, and under a hold on any of them the
    order waits. Under one on somebody else only what names her, too, waits for its end."""

    async def order(erasure: Erasure, by: str, at: datetime) -> None:
        erasure.check_order(by, at)
        erasure.order(by, at, asked.reason, await _settles(ports, call, person_id))

    return await _said(ports, call, person_id, order)


async def hold_erasure(ports: Ports, call: Call, person_id: Id, asked: HoldErasure) -> Erasure:
    """Place a legal hold: nothing about her is erased before it is released.

    Nor is what others have with her, or wrote about her, by an order about these. It is on all
    records of hers. Refused where any of them is being erased already. What is ordered about a
    single thing of hers waits; where its service was asked in the last ten minutes, it may be too
    late for that one."""

    async def hold(erasure: Erasure, by: str, at: datetime) -> None:
        erasure.check_hold(by, at)
        if not erasure.version and await _is_there(ports, call, erasure.id):
            erasure.hold(by, at, asked.reason)
            return  # this one is made in vain: that one is asked next, and may refuse it
        again, others = replace(call, key="", if_match=None), await _others(ports, call, person_id)
        for other in others:  # which may refuse it: before anything else waits
            deferred = ports.path.change(again, _id(ports, call, other), _defer(ports))
            await if_there(deferred)
        for record in (person_id, *others):
            await _defer_artifacts(ports, again, record)
        erasure.hold(by, at, asked.reason)

    return await _said(ports, call, person_id, hold)


async def _is_there(ports: Ports, call: Call, id: str) -> bool:
    return await if_there(ports.path.get(call.district, id)) is not None


async def release_erasure(
    ports: Ports, call: Call, person_id: Id, asked: ReleaseErasure
) -> Erasure:
    """Lift a legal hold. What was ordered meanwhile is under way from now on."""

    async def release(erasure: Erasure, by: str, at: datetime) -> None:
        erasure.check_release(by, at)
        erasure.release(by, at, asked.reason, await _settles(ports, call, person_id))

    return await _changed(ports, call, person_id, release)


async def withdraw_erasure(
    ports: Ports, call: Call, person_id: Id, asked: WithdrawErasure
) -> Erasure:
    """Take back an order that waits."""

    async def withdraw(erasure: Erasure, by: str, at: datetime) -> None:
        erasure.withdraw(by, at, asked.reason)

    return await _changed(ports, call, person_id, withdraw)


async def get_erasure(ports: Ports, call: Call, person_id: IdOrMe) -> Erasure:
    """What was ordered about a person, and what was held; how far it is, and the proof."""
    sides = About(parties=(person_id,))
    return await ports.erasures.get(call, _id(ports, call, person_id), sides)


async def list_erasures(
    ports: Ports, call: Call, *, state: ErasureState | None = None, after: str, limit: int
) -> Found[Erasure]:
    """About whom something was ordered or held, what changed last first; in one state or in any."""
    person = attrgetter("person")
    find = ports.erasures.find_of_many
    return await find(call, About(), where(state=state), after, limit, person, BY_DATE)


_Act = Callable[[Erasure, str, datetime], Awaitable[None]]


async def _said(ports: Ports, call: Call, person_id: str, act: _Act) -> Erasure:
    if call.if_match is not None:  # the caller has seen it, so it is there
        return await _changed(ports, call, person_id, act)

    async def make() -> Erasure:
        by, at = call.principal.id, ports.clock.now()
        id_ = _id(ports, call, person_id)
        new = Erasure(id=id_, district=call.district, person=person_id, changed_at=at)
        await act(new, by, at)
        return new

    async def check() -> None:
        found = await ports.access.profiles(call.district, (person_id,))
        if found[person_id] is None:
            raise invalid("unknown_person", "There is no such person.", "/person_id")

    sides = About(parties=(person_id,))
    try:
        return await ports.erasures.create_about(call, sides, make, check=check)
    except Fault as fault:
        if not already_there(fault):
            raise
    return await _changed(ports, call, person_id, act)


async def _changed(ports: Ports, call: Call, person_id: str, act: _Act) -> Erasure:
    """Who may not learns nothing of whether there is one."""
    by, at = call.principal.id, ports.clock.now()
    found = await get_erasure(ports, call, person_id)
    return await ports.erasures.change(call, found.id, lambda known: act(known, by, at))


async def _settles(ports: Ports, call: Call, person: str) -> bool:
    """Whether she has other records, or a hold is on anybody else. Raises as `_others`."""
    if await _others(ports, call, person):
        return True
    held = await ports.path.find(call.district, {"state": ErasureState.HELD.value}, "", 2)
    return bool(held.left_out) or any(each.person != person for each in held.items)


async def _others(ports: Ports, call: Call, person: str) -> Sequence[str]:
    """Her other records. Raises Fault UNAVAILABLE until it is known which they are."""
    found = await records_of(ports.view, call.district, person, whichever=True)
    return [each for each in found if each != person]


async def _defer_artifacts(ports: Ports, call: Call, record: str) -> None:
    for state in WAITING:
        waiting = {"person": record, "state": state.value}
        async for each in every(ports.artifacts, call.district, waiting):
            deferred = ports.artifacts.change(
                call, each.id, lambda order: order.defer(ports.clock.now())
            )
            await if_there(deferred)


def _defer(ports: Ports) -> Callable[[Erasure], None]:
    return lambda other: other.defer(ports.clock.now())


def _id(ports: Ports, call: Call, person_id: str) -> str:
    return ports.erasures.derived_id(call.district, person_id)
