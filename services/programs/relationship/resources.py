"""Answers about relationships, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.chassis.write.loading import Found
from services.programs.relationship.carrying_over import Carried
from services.programs.relationship.cases import Ports, coach_leads
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import (
    Acknowledgment,
    CoachKind,
    Handover,
    Participation,
    RelationshipState,
    Work,
    told_to_others,
)


class RoundResource(Resource):
    state: RelationshipState
    proposed_by: str
    proposed_by_name: str | None = name_of("proposed_by")
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    carried_over_from: int | None


class HandoverResource(Resource):
    """Another coach who is proposed, or who goes on once the teacher has accepted: at once or, with
    `from_date`, from that day on. Until then the relationship is active."""

    coach_id: str
    coach_name: str | None = name_of("coach_id")
    proposed_by: str
    proposed_by_name: str | None = name_of("proposed_by")
    proposed_at: datetime
    accepted_at: datetime | None
    from_date: str | None = Field(
        description="The district's day from which she goes on; null: once the teacher accepts"
    )
    coach_kind: CoachKind | None


class RelationshipResource(Acted):
    """`coach_leads`: the coach leads a school or administers today, or holds a role of the
    district's own that may mean it; a teacher who accepts has to acknowledge it, and what she
    accepted without does not count. `coach_sees`: of the teacher's work what her coach may see
    (`goals`, `observations`, `surveys`). `carried_over_from`: the
    school year from which `proposed_by` carried it over; `accepted_at` is of then where the
    teacher's acceptance was kept. `earlier_rounds`: what
    became of earlier proposals for the same year, oldest first, at most the newest 20.
    That one was declined the two alone are told: to everybody else it has `ended`. `paused_at`:
    since when it is paused; `paused_by`: by whom, to the two alone."""

    relationship_id: str
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: RelationshipState
    proposed_by: str
    proposed_by_name: str | None = name_of("proposed_by")
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    acknowledged: list[Acknowledgment]
    carried_over_from: int | None
    coach_leads: bool
    coach_sees: list[Work]
    earlier_rounds: list[RoundResource]
    handover: HandoverResource | None
    paused_at: datetime | None
    paused_by: list[str]
    coach_kind: CoachKind | None
    participation: Participation | None
    version: int


class CarriedOverResource(Resource):
    """A relationship of the new year: `active` where the teacher's acceptance was kept, else
    `proposed`. With `validate_only` one that would be."""

    relationship_id: str
    from_relationship_id: str
    coach_id: str
    teacher_id: str
    state: RelationshipState


class SkippedResource(Resource):
    from_relationship_id: str
    coach_id: str
    teacher_id: str
    reason: str = Field(
        description="not_active: not accepted, declined or ended; already_there: proposed or "
        "active; already_over: declined, ended or erased in the new year; unknown_coach, "
        "not_a_coach, administrators_may_not_coach, unknown_teacher: by the roster, in the new "
        "year; "
        "acknowledgment_needed: the coach leads and the teacher did not say that she knows; "
        "needs_upgrade, state_unreadable: what is there for the new year cannot be read here"
    )


class CarryingOver(PageResource):
    """What became of a page of the old year's relationships."""

    validate_only: bool
    carried_over: list[CarriedOverResource]
    skipped: list[SkippedResource]


class RelationshipPage(PageResource):
    relationships: list[RelationshipResource]


async def relationship_resource(
    ports: Ports, call: Call, relationship: Relationship
) -> RelationshipResource:
    """One relationship, for its two sides and the district."""
    reader = call.principal.person
    of_both = relationship.is_of(reader)
    paused = relationship.state is RelationshipState.PAUSED
    handover = relationship.handover
    if not of_both and relationship.gone_on and relationship.state is not RelationshipState.ENDED:
        handover = None  # of an earlier round: it outlasts what was declined, not what was ended
    return RelationshipResource(
        relationship_id=relationship.id,
        coach_id=relationship.coach,
        teacher_id=relationship.teacher,
        school_year=relationship.school_year,
        state=relationship.state_for(reader),
        proposed_by=relationship.proposed_by,
        proposed_at=relationship.proposed_at,
        accepted_at=relationship.accepted_at,
        ended_at=relationship.ended_at,
        acknowledged=list(relationship.acknowledged),
        carried_over_from=relationship.carried_over_from,
        coach_leads=await coach_leads(ports, relationship),
        coach_sees=list(relationship.coach_sees),
        earlier_rounds=[
            RoundResource(
                state=each.state if of_both else told_to_others(each.state),
                proposed_by=each.proposed_by,
                proposed_at=each.proposed_at,
                accepted_at=each.accepted_at,
                ended_at=each.ended_at,
                carried_over_from=each.carried_over_from,
            )
            for each in relationship.earlier
        ],
        handover=handover and _handover(handover),
        paused_at=relationship.paused_at if paused else None,
        paused_by=list(relationship.paused_by) if paused and of_both else [],
        coach_kind=relationship.coach_kind,
        participation=relationship.participation,
        version=relationship.version,
    )


def _handover(handover: Handover) -> HandoverResource:
    return HandoverResource(
        coach_id=handover.successor,
        proposed_by=handover.proposed_by,
        proposed_at=handover.proposed_at,
        accepted_at=handover.accepted_at,
        from_date=handover.from_date or None,
        coach_kind=handover.coach_kind,
    )


def carrying_over_resource(found: Found[Carried], validate_only: bool, token: str) -> CarryingOver:
    return CarryingOver(
        validate_only=validate_only,
        carried_over=[
            CarriedOverResource(
                relationship_id=each.new.id,
                from_relationship_id=each.old.id,
                coach_id=each.old.coach,
                teacher_id=each.old.teacher,
                state=each.new.state,
            )
            for each in found.items
            if each.new is not None
        ],
        skipped=[
            SkippedResource(
                from_relationship_id=each.old.id,
                coach_id=each.old.coach,
                teacher_id=each.old.teacher,
                reason=each.reason,
            )
            for each in found.items
            if each.new is None
        ],
        next_page_token=token,
        left_out=found.left_out,
    )
