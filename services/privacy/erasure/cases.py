"""What callers do with orders to erase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from pydantic import Field

from services.access.access import Access
from services.access.guarded import About, Guarded
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe, Text
from services.chassis.kernel import Clock, Fault, Kind, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.privacy.erasure.domain import Erasure, ErasureState

BY_DATE = ByDate("changed_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    erasures: Guarded[Erasure]
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
    in the roster is the roster's. Under a hold the order waits."""
    return await _said(ports, call, person_id, Erasure.order, asked)


async def hold_erasure(ports: Ports, call: Call, person_id: Id, asked: HoldErasure) -> Erasure:
    """Place a legal hold: nothing about her is erased before it is released.

    Refused where that is under way already."""
    return await _said(ports, call, person_id, Erasure.hold, asked)


async def release_erasure(
    ports: Ports, call: Call, person_id: Id, asked: ReleaseErasure
) -> Erasure:
    """Lift a legal hold. What was ordered meanwhile is under way from now on."""
    return await _changed(ports, call, person_id, Erasure.release, asked)


async def withdraw_erasure(
    ports: Ports, call: Call, person_id: Id, asked: WithdrawErasure
) -> Erasure:
    """Take back an order that is held."""
    return await _changed(ports, call, person_id, Erasure.withdraw, asked)


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


_Act = Callable[[Erasure, str, Any, str], None]


async def _said(ports: Ports, call: Call, person_id: str, act: _Act, asked: Reasoned) -> Erasure:
    if call.if_match is not None:  # the caller has seen it, so it is there
        return await _changed(ports, call, person_id, act, asked)
    by, at = call.principal.id, ports.clock.now()
    new = Erasure(
        id=_id(ports, call, person_id), district=call.district, person=person_id, changed_at=at
    )
    act(new, by, at, asked.reason)

    async def check() -> None:
        found = await ports.access.profiles(call.district, (person_id,))
        if found[person_id] is None:
            raise invalid("unknown_person", "There is no such person.", "/person_id")

    try:
        return await ports.erasures.create(call, new, check=check)
    except Fault as fault:
        if (fault.kind, fault.code) != (Kind.CONFLICT, "already_exists"):
            raise
    return await _changed(ports, call, person_id, act, asked)


async def _changed(ports: Ports, call: Call, person_id: str, act: _Act, asked: Reasoned) -> Erasure:
    """Who may not learns nothing of whether there is one."""
    by, at = call.principal.id, ports.clock.now()
    found = await get_erasure(ports, call, person_id)
    return await ports.erasures.change(
        call, found.id, lambda known: act(known, by, at, asked.reason)
    )


def _id(ports: Ports, call: Call, person_id: str) -> str:
    return ports.erasures.derived_id(call.district, person_id)
