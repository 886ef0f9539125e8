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
from services.access.meetings import meeting_of, met_at
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


class OfferToMeeting(Offer):
    """With colleagues by name, or with all who are at one community meeting: from when it begins,
    until it is over and then up to the end that is said."""

    audience: list[AudienceMember] = Field(
        default=[],
        max_length=MOST_READERS,
        description="Colleagues, active in the roster; none where it is for a meeting",
    )
    community_meeting_id: Id | None = Field(
        default=None,
        description="A meeting that the caller facilitates or has joined: whoever else is at it "
        "reads, from when it begins until at most 30 days after it",
    )


async def create(
    ports: Ports,
    call: Call,
    artifact: str,
    place: str,
    asked: Offer,
    shareable: Callable[[Any], None],
    meeting: str | None = None,
) -> Share:
    """`shareable` raises Fault CONFLICT of an artifact that is not to be shared (yet). Raises
    INVALID at `place` unless it is the caller's own, whoever else may see it, and for readers who
    are not active in the roster; as `Share.check_new` and `check_acknowledged`. With `meeting` it
    is for those who are at that, and for no others: raises INVALID unless she is at it."""
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
        meeting=meeting or "",
    )

    async def check() -> None:
        shared = await if_there(ports.artifacts.get(call.district, artifact))
        if shared is None or shared.teacher != owner:
            raise invalid("not_hers_to_share", "There is no such thing of the caller's.", place)
        if bool(new.audience) == bool(new.meeting):
            detail = "Name colleagues, or a meeting whose participants read it."
            raise invalid("audience_or_meeting", detail, "/audience")
        new.check_new()
        known = await ports.access.profiles(call.district, new.audience)
        for index, person in enumerate(new.audience):
            profile = known[person]
            if profile is None or not profile.active:
                at = f"/audience/{index}/person_id"
                raise invalid("unknown_reader", "There is no such active person.", at)
        if new.meeting:
            await _check_meeting(ports, new)
        shareable(shared)
        await check_acknowledged(ports.access, call.district, owner)

    return await ports.shares.create(call, new.created(), _bounds(artifact), check)


async def _check_meeting(ports: Ports, share: Share) -> None:
    """No database command when her profile is warm."""
    known = meeting_of(await ports.access.profile(share.district, share.teacher), share.meeting)
    if known is None:
        detail = "You facilitate or have joined no such meeting."
        raise invalid("unknown_meeting", detail, "/community_meeting_id")
    share.check_with_meeting(known.ends)


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
    on = await ports.access.meetings_on(call.district, reader)
    asked = where(state=ShareState.OPEN.value)
    either = [{"audience": reader}, *({"meeting": each.id} for each in on)]
    about = About(parties=(reader,))
    found = await ports.shares.find(call, about, asked, after, limit, either=either)
    owners = await ports.access.profiles(call.district, {each.teacher for each in found.items})
    met = {person: met_at(owner, on, now) for person, owner in owners.items()}
    active = {person for person, owner in owners.items() if owner is not None and owner.active}
    items = [each for each in found.items if each.opens_to(reader, now, met[each.teacher])]
    return replace(found, items=[each for each in items if each.teacher in active])
