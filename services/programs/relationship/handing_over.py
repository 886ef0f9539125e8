"""A relationship goes on with another coach: she is proposed, the teacher decides, and says what of
her work passes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.access.acknowledged import check_acknowledged
from services.chassis.call import Call
from services.chassis.fields import Body, Day, Id
from services.chassis.kernel import conflict, if_there
from services.programs.relationship.cases import (
    Acknowledged,
    Ports,
    SaidKind,
    check_kind,
    needed_of,
)
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import Handover, Work


class HandOverRelationship(Body):
    coach_id: Id = Field(examples=["coach-2"], description="Who is to coach the teacher from then")
    from_date: Day | None = Field(
        default=None,
        description="The district's day from which, today or later, at most 120 days ahead and in "
        "the relationship's school year; null: once the teacher accepts",
        examples=["2026-11-02"],
    )
    coach_kind: SaidKind = None


async def hand_over_relationship(
    ports: Ports, call: Call, relationship_id: Id, asked: HandOverRelationship
) -> Relationship:
    """Propose that another coach goes on with the teacher, as her coach or the district: nothing
    changes before the teacher accepts, nor before `from_date`. Whoever was proposed before is not
    any more; another day for the same one takes the place of the day before.

    Raises FORBIDDEN `district_proposed` to the coach where the district has proposed one, INVALID
    where that one may not coach the teacher today and for a day on which nobody may go on, CONFLICT
    `handover_accepted` where the teacher has accepted one who waits for her day, `proposed_lately`
    where the same side, her coach or the district, proposed that one within 14 days, whatever
    became of it, or three others, or has said four days for that one. Whether the two work together
    already is hers to know: she is told when she accepts."""
    by, now, coach = call.principal.id, ports.clock.now(), asked.coach_id

    async def act(each: Relationship) -> None:
        each.hand_over(by, now, coach, asked.from_date or "", asked.coach_kind)
        if asked.from_date is not None:
            ports.days.check_ahead(call.district, now, asked.from_date, each.school_year)
        hindrance = await ports.access.hindrance(call.district, coach, each.teacher)
        if hindrance is not None:
            raise hindrance
        await check_kind(ports, call.district, coach, asked.coach_kind)

    return await ports.relationships.change(call, relationship_id, act)


class AcceptHandover(Body):
    coach_id: Id = Field(examples=["coach-2"], description="Who goes on, as the teacher read it")
    from_date: Day | None = Field(
        default=None,
        description="From when, as the teacher read it; null: at once",
        examples=["2026-11-02"],
    )
    coach_sees: Annotated[
        list[Annotated[Work, Field(strict=False)]],
        Field(
            min_length=1,
            max_length=10,
            description="What passes: of the teacher's work what the new coach may see, of all "
            "school years",
            examples=[["goals"]],
        ),
    ]
    acknowledges: Acknowledged = []


async def accept_handover(
    ports: Ports, call: Call, relationship_id: Id, asked: AcceptHandover
) -> Relationship:
    """Go on with the other coach, as the teacher, and say what passes: this relationship ends, and
    that with the other one begins, a moment later. Where `from_date` has not come, all that is on
    that day, and until then she may say it anew or decline. What the two have noted in their
    sessions and agreed on in writing never passes.

    Raises as accepting a relationship does, and CONFLICT `another_coach`, `another_date` where
    another one is proposed by now, or from another day on."""

    async def act(each: Relationship) -> None:
        by, now = call.principal.person, ports.clock.now()
        each.check_accept_handover(by, now)
        assert each.handover is not None
        coach = each.handover.successor
        if coach != asked.coach_id:
            raise conflict("another_coach", "Another coach is proposed by now: read it again.")
        if each.handover.from_date != (asked.from_date or ""):
            raise conflict("another_date", "It is proposed from another day on: read it again.")
        hindrance = await ports.access.hindrance(call.district, coach, each.teacher)
        if hindrance is not None:
            raise conflict(hindrance.code, hindrance.detail)
        await _not_yet(ports, call, each, coach)
        needed = await needed_of(ports, call.district, coach)
        today = str(ports.days.day_of(call.district, now))
        each.accept_handover(by, now, asked.coach_sees, needed, asked.acknowledges, today)
        await check_acknowledged(ports.access, call.district, each.teacher)

    return await ports.relationships.change(call, relationship_id, act)


def begun_by(old: Relationship, id: str, coach: str, teacher: str) -> Relationship:
    """What begins with the coach who goes on, proposed when the teacher said so: what is ordered of
    her later finds it begun by then. It is active since its day. `coach`, `teacher`: their records
    now."""
    to = old.handover
    assert to is not None
    assert to.accepted_at is not None
    new = Relationship.propose(
        id=id,
        district=old.district,
        coach=coach,
        teacher=teacher,
        year=old.school_year,
        by=to.proposed_by,
        at=to.accepted_at,
        coach_kind=to.coach_kind,
        participation=old.participation,
    )
    new.take_event()
    _accepted(new, to)
    return new


def said_since(known: Relationship, to: Handover) -> bool:
    """Whether anything was said of a relationship since the teacher accepted the handover, or by
    it."""
    assert to.accepted_at is not None
    since = (known.proposed_at, known.accepted_at, known.ended_at)
    return any(each is not None and each >= to.accepted_at for each in since)


def go_on(known: Relationship, to: Handover, old: Relationship) -> None:
    """Active by what the teacher said of the handover, unless either of the two has said something
    since. Whether she was free to be coached stays as it was in the `old` one."""
    assert to.accepted_at is not None
    if known.open or said_since(known, to):
        return
    kind, free = to.coach_kind, old.participation
    by, at = to.proposed_by, to.accepted_at
    known.propose_again(by, at, coach_kind=kind, participation=free)
    known.take_event()
    _accepted(known, to)


def _accepted(new: Relationship, to: Handover) -> None:
    assert to.began_at is not None
    knows = to.acknowledged
    new.accept(new.teacher, to.began_at, needed=knows, acknowledged=knows, coach_sees=to.coach_sees)


async def decline_handover(ports: Ports, call: Call, relationship_id: Id) -> Relationship:
    """Stay with the present coach, as the teacher. Nobody is told but that nobody is proposed any
    more, as if it had been taken back."""
    by, now = call.principal.person, ports.clock.now()
    return await ports.relationships.change(
        call, relationship_id, lambda each: each.decline_handover(by, now)
    )


async def withdraw_handover(ports: Ports, call: Call, relationship_id: Id) -> Relationship:
    """Take back that another coach was proposed: what the coach proposed she or the district, what
    the district proposed the district alone, or the coach would keep it from its part."""
    by, now = call.principal.id, ports.clock.now()
    return await ports.relationships.change(
        call, relationship_id, lambda each: each.withdraw_handover(by, now)
    )


async def _not_yet(ports: Ports, call: Call, each: Relationship, coach: str) -> None:
    """Raises CONFLICT `coached_already` where the teacher has, or is asked for, that coach."""
    id_ = ports.relationships.derived_id(call.district, coach, each.teacher, str(each.school_year))
    known = await if_there(ports.path.get(call.district, id_))
    if known is not None and known.open:
        raise conflict("coached_already", "The two work together already, or are asked to.")
