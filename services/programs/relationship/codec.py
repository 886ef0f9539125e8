"""Relationships: between the domain, the stored state and the published events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as published
from services.access.erasures import receipts
from services.access.retention_report import reports_of
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import (
    ALL_WORK,
    Acknowledgment,
    CoachKind,
    Participation,
    RelationshipEvent,
    RelationshipState,
    Work,
    told_to_others,
)

RELATIONSHIP_EVENTS = messages_of(published.DESCRIPTOR, "Relationship", RelationshipEvent, Last)
RELATIONSHIP_STATES = numbers_of(RelationshipState, published.RelationshipState.DESCRIPTOR)
WORK = numbers_of(Work, published.Work.DESCRIPTOR)
_KINDS = numbers_of(CoachKind, published.CoachKind.DESCRIPTOR)
_PARTICIPATIONS = numbers_of(Participation, published.Participation.DESCRIPTOR)
_ACKNOWLEDGMENTS = numbers_of(Acknowledgment, published.Acknowledgment.DESCRIPTOR)


def relationship_snapshot(relationship: Relationship) -> published.RelationshipSnapshot:
    """What is published of it: neither its earlier rounds nor that it was declined, nor who has
    paused it."""
    return published.RelationshipSnapshot(
        relationship_id=relationship.id,
        coach_id=relationship.coach,
        teacher_id=relationship.teacher,
        school_year=relationship.school_year,
        state=RELATIONSHIP_STATES[told_to_others(relationship.state)],
        proposed_by=relationship.proposed_by,
        proposed_at=stamp(relationship.proposed_at),
        accepted_at=stamp(relationship.accepted_at),
        ended_at=stamp(relationship.ended_at),
        acknowledged=[_ACKNOWLEDGMENTS[each] for each in relationship.acknowledged],
        carried_over_from=relationship.carried_over_from or 0,
        coach_sees=[WORK[each] for each in relationship.coach_sees],
        transferred_from_id=relationship.transferred_from,
        handed_over_to_id=_handed_over_to(relationship),
        handed_over_from_date=_from_date(relationship),
        paused_at=stamp(_paused_at(relationship)),
        resumed_at=stamp(relationship.resumed_at),
        coach_kind=_KINDS[relationship.coach_kind]
        if relationship.coach_kind
        else published.COACH_KIND_UNSPECIFIED,
        participation=_PARTICIPATIONS[relationship.participation]
        if relationship.participation
        else published.PARTICIPATION_UNSPECIFIED,
    )


def _handed_over_to(relationship: Relationship) -> str:
    """Who is only proposed is told to nobody."""
    handover = relationship.handover
    over = relationship.state is RelationshipState.ENDED and relationship.gone_on
    return handover.successor if over and handover is not None else ""


def _from_date(relationship: Relationship) -> str:
    """Of what both sides count with: to whom it goes is told when it does."""
    handover = relationship.handover
    return handover.from_date if relationship.waits_for_its_day and handover is not None else ""


def _paused_at(relationship: Relationship) -> datetime | None:
    return relationship.paused_at if relationship.state is RelationshipState.PAUSED else None


def encode_relationship(
    relationship: Relationship, event: RelationshipEvent | Last
) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.RelationshipSnapshot(relationship_id=relationship.id)
        before = (relationship.transferred_from,) if relationship.transferred_from else ()
        keys = keys_about(relationship.district, relationship.teacher, left=before)
        return encoded(
            RELATIONSHIP_EVENTS[event](relationship=only), keys, relationship.school_year
        )
    message = RELATIONSHIP_EVENTS[event](relationship=relationship_snapshot(relationship))
    key = f"{relationship.district}:{relationship.teacher}"
    return encoded(message, (key,), relationship.school_year)


def _with_rounds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2: what the teacher acknowledged, and earlier rounds."""
    return {**state, "acknowledged": [], "earlier": []}


def _with_origin(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3: what was carried over from another school year."""
    earlier = [{**each, "carried_over_from": None} for each in state["earlier"]]
    return {**state, "earlier": earlier, "carried_over_from": None}


def _with_work(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4: what the coach may see, until then everything."""
    return {**state, "coach_sees": list(ALL_WORK)}


def _in_its_place(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says whether another has taken its place."""
    return {**state, "transferred_from": ""}


def _of_these_two(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 says what came from a record that was given up, and was not agreed on since."""
    return {**state, "came_from": ""}


def _by_whom(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 7 says who ended it, which was not kept before."""
    earlier = [{**each, "ended_by": ""} for each in state["earlier"]]
    return {**state, "earlier": earlier, "ended_by": ""}


def _from_the_first(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 8 says when it was proposed first: of the rounds that are kept, the first."""
    rounds = [each["proposed_at"] for each in state["earlier"]]
    return {**state, "first_proposed_at": min((state["proposed_at"], *rounds))}


def _when_said(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 9 says in which version the teacher said what her coach sees: before any agreement."""
    return {**state, "said_in": 0}


def _as_of(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 10 says as of which version they agree, which was not kept before."""
    return {**state, "agreed": 0}


def _none_to_go_on(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 11 says to whom it goes."""
    return {**state, "handover": None}


def _nobody_asked(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 12 says who was proposed lately to go on."""
    return {**state, "asked": []}


def _asked_by(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 13 says which side proposed each of them."""
    return {**state, "asked": [{**each, "by": ""} for each in state["asked"]]}


def _from_a_day_on(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 14 says from which day another coach goes on, and since when she does: until then that
    was when the teacher said so."""
    to = state["handover"]
    since = to and {**to, "from_date": "", "began_at": to["accepted_at"]}
    return {**state, "handover": since}


def _never_paused(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 15 says who has stopped it for a while."""
    return {**state, "paused_by": [], "paused_at": None, "resumed_at": None}


def _not_said(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 16 says as what she coaches and whether the teacher was free to, which nobody was
    asked before."""
    to = state["handover"]
    said = {"coach_kind": None, "participation": None}
    return {**state, **said, "handover": to and {**to, "coach_kind": None}}


RELATIONSHIPS = AggregateCodec(
    "relationship",
    Relationship,
    encode_relationship,
    [
        _with_rounds,
        _with_origin,
        _with_work,
        _in_its_place,
        _of_these_two,
        _by_whom,
        _from_the_first,
        _when_said,
        _as_of,
        _none_to_go_on,
        _nobody_asked,
        _asked_by,
        _from_a_day_on,
        _never_paused,
        _not_said,
    ],
)
RECEIPTS = receipts(published.ErasureCarriedOut)
REPORTS = reports_of(published.RetentionReported)
