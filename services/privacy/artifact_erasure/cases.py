"""What callers do with orders to erase one thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.guarded import About, Guarded
from services.access.merges import kept_of
from services.access.profile import People
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe, Text
from services.chassis.kernel import Clock, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.privacy.artifact_erasure.domain import (
    MOST_WAITING,
    WAITING,
    ArtifactErasure,
    ArtifactErasureState,
    ArtifactKind,
)
from services.privacy.erasure.domain import SETTLES

BY_DATE = ByDate("ordered_at", within=("person", "own", "state"))


@dataclass(frozen=True, slots=True)
class Ports:
    orders: Guarded[ArtifactErasure]
    names: Names
    access: Access
    clock: Clock


def about(people: People) -> Callable[[ArtifactErasure], Awaitable[About]]:
    """What the district has ordered about her a person does not see by this, by whichever of her
    records: how far it is tells of a legal hold, and one on a colleague, by which it waits as well,
    is not hers to know of. That it was ordered, and a hold on herself, she is told."""

    async def of(order: ArtifactErasure) -> About:
        hers = {order.person, await kept_of(people, order.district, order.person)}
        return About(
            parties=(order.person,), visible_to=lambda viewer: order.own or viewer not in hers
        )

    return of


class OrderArtifactErasure(Body):
    kind: Annotated[ArtifactKind, Field(strict=False)] = Field(
        description="What kind of thing", examples=["goal"]
    )
    artifact_id: Id = Field(
        description="Which one", examples=["3f0c2a9e-8f57-5d0b-9d0e-6a1b7c2d4e5f"]
    )
    person_id: Id = Field(examples=["teacher-1"])
    reason: Text = Field(
        description="Why, in words; it does not leave this service",
        examples=["It was about another class."],
    )


async def order_artifact_erasure(
    ports: Ports, call: Call, asked: OrderArtifactErasure
) -> ArtifactErasure:
    """Order that one thing about a person's coaching is erased, with all that hangs on it.

    Begun 45 seconds later, once no legal hold is on any record of hers. Whether it is there and
    hers the service that has it says, and so the state: `done` or `not_found`. Ordered by herself
    it goes only where it is hers alone: a strategy that she has not published, a goal that she has
    drafted and nobody has activated."""
    person, now = asked.person_id, ports.clock.now()
    own = call.principal.person == await kept_of(ports.access, call.district, person)
    new = ArtifactErasure(
        id=ports.orders.new_id(call),
        district=call.district,
        kind=asked.kind,
        artifact=asked.artifact_id,
        person=person,
        own=own,
        ordered_by=call.principal.id,
        ordered_at=now,
        reason=asked.reason,
        begins_at=now + SETTLES,
    )

    async def check() -> None:
        found = await ports.access.profiles(call.district, (person,))
        if found[person] is None:
            raise invalid("unknown_person", "There is no such person.", "/person_id")

    told = f"At most {MOST_WAITING} orders about one person wait, and as many are under way."
    within = tuple(  # she and the district take nothing from each other
        Bound(where(person=person, own=own, state=each), MOST_WAITING, "too_many_orders", told)
        for each in WAITING
    )
    return await ports.orders.create(call, new.ordered(), within, check)


async def list_artifact_erasures(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    state: ArtifactErasureState | None = None,
    after: str,
    limit: int,
) -> Found[ArtifactErasure]:
    """What was ordered about single things, the newest first: to a person what she has ordered
    herself, to the district all."""
    person = person_id or await ports.orders.own_or_all(call)
    if person:
        kept = await kept_of(ports.access, call.district, person)
        own = True if kept == call.principal.person else None
        asked = where(person=person, own=own, state=state)
        return await ports.orders.find(
            call, About(parties=(person,)), asked, after, limit, by=BY_DATE
        )
    whose, find = attrgetter("person"), ports.orders.find_of_many
    return await find(call, About(), where(state=state), after, limit, whose, BY_DATE)
