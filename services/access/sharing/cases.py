"""What callers do with shares, whatever is shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.access.sharing.domain import (
    MOST_EVER,
    MOST_OPEN,
    MOST_READERS,
    Share,
    SharePurpose,
    ShareState,
)
from services.chassis.call import Call, caller_of
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, Instant
from services.chassis.kernel import Clock, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath

BY_DATE = ByDate("created_at", within=("artifact",))


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for what no caller asks for. `artifacts`: what is shared, each with its
    `teacher` and whose it was before, `transferred_from`."""

    shares: Guarded[Share]
    path: WritePath[Share]
    artifacts: WritePath[Any]
    names: Names
    access: Access
    view: ReadsAnew
    clock: Clock


def whose(share: Share) -> About:
    return About(teacher=share.teacher)


class AudienceMember(Body):
    person_id: Id = Field(examples=["teacher-2"])


class Offer(Body):
    """What is said of every share that is made."""

    audience: list[AudienceMember] = Field(
        min_length=1, max_length=MOST_READERS, description="Colleagues, active in the roster"
    )
    purpose: Annotated[SharePurpose, Field(strict=False)] = Field(examples=["peer_learning"])
    expires_at: Instant = Field(
        examples=["2027-03-31T22:00:00Z"], description="At most 366 days ahead"
    )
    once: bool = Field(default=False, description="Each of the audience reads it one time only")


async def create(
    ports: Ports,
    call: Call,
    artifact: str,
    place: str,
    asked: Offer,
    shareable: Callable[[Any], None],
) -> Share:
    """`shareable` raises Fault CONFLICT of an artifact that is not to be shared (yet). Raises
    INVALID at `place` unless it is the caller's own, whoever else may see it, and for readers who
    are not active in the roster; as `Share.check_new` and `check_acknowledged`."""
    owner = caller_of(call, place)
    new = Share(
        id=ports.shares.new_id(call),
        district=call.district,
        artifact=artifact,
        teacher=owner,
        audience=[each.person_id for each in asked.audience],
        purpose=asked.purpose,
        once=asked.once,
        expires_at=asked.expires_at,
        created_at=ports.clock.now(),
    )

    async def check() -> None:
        shared = await if_there(ports.artifacts.get(call.district, artifact))
        if shared is None or shared.teacher != owner:
            raise invalid("not_hers_to_share", "There is no such thing of the caller's.", place)
        new.check_new()
        known = await ports.access.profiles(call.district, new.audience)
        for index, person in enumerate(new.audience):
            profile = known[person]
            if profile is None or not profile.active:
                at = f"/audience/{index}/person_id"
                raise invalid("unknown_reader", "There is no such active person.", at)
        shareable(shared)
        await check_acknowledged(ports.access, call.district, owner)

    return await ports.shares.create(call, new.created(), _bounds(artifact), check)


def _bounds(artifact: str) -> tuple[Bound, ...]:
    hers = {"artifact": artifact}
    is_open = {**hers, "state": ShareState.OPEN.value}
    most_open = f"At most {MOST_OPEN} shares of one thing are open: revoke one."
    ever = f"There are at most {MOST_EVER} shares of one thing, with those that are over."
    return (
        Bound(hers, MOST_EVER, "too_many_shares", ever),
        Bound(is_open, MOST_OPEN, "too_many_shares", most_open),
    )


async def made_by_owner(
    ports: Ports, call: Call, artifact: str | None, after: str, limit: int
) -> Found[Share]:
    """Those that the caller has made, the newest first, with those that are over."""
    owner = ports.shares.own(call)
    asked = where(teacher=owner, artifact=artifact)
    found = await ports.shares.find(call, About(teacher=owner), asked, after, limit, by=BY_DATE)
    readers = {person for each in found.items for person in each.audience}
    await ports.access.profiles(call.district, readers)  # at once, for what she is warned of
    return found


async def open_to_caller(ports: Ports, call: Call, after: str, limit: int) -> Found[Share]:
    """Those that may let the caller read something now: their owner is in the roster. Whether what
    they are of can still be shared, and is still their owner's, is looked at when it is read."""
    reader, now = ports.shares.own(call), ports.clock.now()
    asked = where(audience=reader, state=ShareState.OPEN.value)
    found = await ports.shares.find(call, About(parties=(reader,)), asked, after, limit)
    opening = [each for each in found.items if each.opens_to(reader, now)]
    owners = await ports.access.profiles(call.district, {each.teacher for each in opening})
    active = {person for person, owner in owners.items() if owner is not None and owner.active}
    return replace(found, items=[each for each in opening if each.teacher in active])
