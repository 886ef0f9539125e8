"""The one place where the programs service is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from services.access.artifact_erasures import Artifacts, Erasable, artifact_duties
from services.access.policy import Policies
from services.access.retention import DUTIES as RETENTION_DUTIES
from services.assembly.drafts.duties import OF_DRAFTS
from services.assembly.duties import Assigned, assigned, ready
from services.assembly.personal_records.reading import PERSONAL
from services.assembly.rooms import api_of, policies_of
from services.assembly.service import Given, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.programs.agreement.duties import DUTIES as AGREEMENT_DUTIES
from services.programs.agreement.duties import agreements_of_relationships
from services.programs.circle.duties import DUTIES as CIRCLE_DUTIES
from services.programs.circle.duties import RETENTION_DUTIES as CIRCLE_RETENTION_DUTIES
from services.programs.circle.duties import kept_circles
from services.programs.enrollment.duties import DUTIES as ENROLLMENT_DUTIES
from services.programs.enrollment.duties import RETENTION_DUTIES as ENROLLMENT_RETENTION_DUTIES
from services.programs.enrollment.duties import kept_enrollments
from services.programs.flag_answer.duties import DUTIES as FLAG_ANSWER_DUTIES
from services.programs.flag_answer.duties import flag_answers_of_relationships
from services.programs.indexes import INDEXES as INDEXES
from services.programs.meeting.duties import DUTIES as MEETING_DUTIES
from services.programs.meeting.duties import RETENTION_DUTIES as MEETING_RETENTION_DUTIES
from services.programs.meeting.duties import kept_community_meetings
from services.programs.offer.duties import DUTIES as OFFER_DUTIES
from services.programs.offer.duties import RETENTION_DUTIES as OFFER_RETENTION_DUTIES
from services.programs.offer.duties import kept_offers
from services.programs.pairing.duties import DUTIES as PAIRING_DUTIES
from services.programs.pairing.duties import RETENTION_DUTIES as PAIRING_RETENTION_DUTIES
from services.programs.pairing.duties import kept_interests
from services.programs.ports import NAME as NAME
from services.programs.ports import Ports as Ports
from services.programs.ports import ports as ports
from services.programs.program.shipped import templates
from services.programs.record.duties import DUTIES as RECORD_DUTIES
from services.programs.record.duties import RETENTION_DUTIES as RECORD_RETENTION_DUTIES
from services.programs.record.duties import (
    entries_of_relationships,
    erasable_planning_entries,
    kept_planning_entries,
)
from services.programs.relationship.codec import REPORTS
from services.programs.relationship.duties import DUTIES as RELATIONSHIP_DUTIES
from services.programs.relationship.duties import kept_relationships
from services.programs.request.duties import DUTIES as REQUEST_DUTIES
from services.programs.request.duties import RETENTION_DUTIES as REQUEST_RETENTION_DUTIES
from services.programs.request.duties import kept_requests
from services.programs.session.duties import DUTIES as SESSION_DUTIES
from services.programs.session.duties import RETENTION_DUTIES as SESSION_RETENTION_DUTIES
from services.programs.session.duties import (
    erasable_coaching_sessions,
    kept_coaching_sessions,
)
from services.programs.settings import Settings
from services.programs.takeaway.duties import DUTIES as TAKEAWAY_DUTIES
from services.programs.takeaway.duties import takeaways_of_meetings
from services.programs.training.duties import DUTIES as TRAINING_DUTIES
from services.programs.training.duties import RETENTION_DUTIES as TRAINING_RETENTION_DUTIES
from services.programs.training.duties import kept_trainings

if TYPE_CHECKING:
    from services.assembly.rooms import Tables

ALONE = ("coaching_session", "planning_entry")  # what may be erased alone
TYPED = "relationship agreement program coaching_session community_meeting takeaway planning_entry"
DRAFTS = (*TYPED.split(), "coaching_round", "coaching_request", "training")  # what is being typed
DUTIES: tuple[Assigned[Ports], ...] = (
    assigned(RELATIONSHIP_DUTIES, lambda _, rooms: rooms.relationship),
    assigned(AGREEMENT_DUTIES, lambda _, rooms: rooms.agreement),
    assigned(SESSION_DUTIES, lambda _, rooms: rooms.session),
    assigned(ENROLLMENT_DUTIES, lambda _, rooms: rooms.enrollment),
    assigned(CIRCLE_DUTIES, lambda _, rooms: rooms.circle),
    assigned(MEETING_DUTIES, lambda _, rooms: rooms.meeting),
    assigned(TAKEAWAY_DUTIES, lambda _, rooms: rooms.takeaway),
    assigned(RECORD_DUTIES, lambda _, rooms: rooms.record),
    assigned(FLAG_ANSWER_DUTIES, lambda _, rooms: rooms.flag_answer),
    assigned(REQUEST_DUTIES, lambda _, rooms: rooms.request),
    assigned(OFFER_DUTIES, lambda _, rooms: rooms.offer),
    assigned(PAIRING_DUTIES, lambda _, rooms: rooms.pairing),
    assigned(TRAINING_DUTIES, lambda _, rooms: rooms.training),
    OF_DRAFTS,
    assigned(
        RETENTION_DUTIES,
        lambda start, rooms: kept_relationships(
            rooms.relationship,
            start.path(REPORTS),
            (
                agreements_of_relationships(rooms.agreement.path),
                flag_answers_of_relationships(rooms.flag_answer.path),
                entries_of_relationships(rooms.record.path),
            ),
        ),
    ),
    assigned(
        SESSION_RETENTION_DUTIES,
        lambda start, rooms: kept_coaching_sessions(rooms.session, start.path(REPORTS)),
    ),
    assigned(
        ENROLLMENT_RETENTION_DUTIES,
        lambda start, rooms: kept_enrollments(rooms.enrollment, start.path(REPORTS)),
    ),
    assigned(artifact_duties(ALONE), lambda _, rooms: _artifacts(rooms)),
    assigned(
        CIRCLE_RETENTION_DUTIES,
        lambda start, rooms: kept_circles(rooms.circle, start.path(REPORTS)),
    ),
    assigned(
        MEETING_RETENTION_DUTIES,
        lambda start, rooms: kept_community_meetings(
            rooms.meeting, start.path(REPORTS), (takeaways_of_meetings(rooms.takeaway.path),)
        ),
    ),
    assigned(
        RECORD_RETENTION_DUTIES,
        lambda start, rooms: kept_planning_entries(rooms.record, start.path(REPORTS)),
    ),
    assigned(
        REQUEST_RETENTION_DUTIES,
        lambda start, rooms: kept_requests(rooms.request, start.path(REPORTS)),
    ),
    assigned(
        OFFER_RETENTION_DUTIES,
        lambda start, rooms: kept_offers(rooms.offer, start.path(REPORTS)),
    ),
    assigned(
        PAIRING_RETENTION_DUTIES,
        lambda start, rooms: kept_interests(rooms.pairing, start.path(REPORTS)),
    ),
    assigned(
        TRAINING_RETENTION_DUTIES,
        lambda start, rooms: kept_trainings(rooms.training, start.path(REPORTS)),
    ),
)


def _artifacts(rooms: Ports) -> Artifacts:
    own = rooms.session
    kinds: dict[str, Erasable[Any]] = {
        "coaching_session": erasable_coaching_sessions(own),
        "planning_entry": erasable_planning_entries(rooms.record),
    }
    return Artifacts(kinds, rooms.relationship.receipts, own.drafts, own.view, own.clock)


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.drafts.operations import drafts_of
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.programs.agreement import operations as agreement
    from services.programs.circle import operations as circle
    from services.programs.enrollment import operations as enrollment
    from services.programs.flag_answer import operations as flag_answer
    from services.programs.meeting import operations as meeting
    from services.programs.offer import operations as offer
    from services.programs.pairing import operations as pairing
    from services.programs.program import operations as program
    from services.programs.record import operations as record
    from services.programs.relationship import operations as relationship
    from services.programs.request import operations as request
    from services.programs.round import operations as round_
    from services.programs.session import operations as session
    from services.programs.takeaway import operations as takeaway
    from services.programs.training import operations as training

    made: Tables = {
        "relationship": relationship.OPERATIONS,
        "agreement": agreement.OPERATIONS,
        "circle": circle.OPERATIONS,
        "program": program.OPERATIONS,
        "enrollment": enrollment.OPERATIONS,
        "flag_answer": flag_answer.OPERATIONS,
        "session": session.OPERATIONS,
        "meeting": meeting.OPERATIONS,
        "takeaway": takeaway.OPERATIONS,
        "record": record.OPERATIONS,
        "round": round_.OPERATIONS,
        "request": request.OPERATIONS,
        "offer": offer.OPERATIONS,
        "pairing": pairing.OPERATIONS,
        "training": training.OPERATIONS,
        "draft": drafts_of(NAME, DRAFTS),
        "personal_record": personal_records_of(NAME, more=dict.fromkeys(DRAFTS, "author")),
        "explanation": explanations_of(NAME),
    }
    return {**made, sync.SYNC: sync_of(NAME, made)}


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, what `base` raises, and BadSettings for
    a shipped process template that is none."""
    templates()
    start = base(NAME, settings, backing, **given)
    api = api_of(start, tables, ports, ("carry_over_relationships", PERSONAL, sync.SYNC))
    return write_service(start, api, ready(DUTIES, start, ports(start, {})))
