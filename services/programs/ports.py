"""What the rooms of the programs service need, on whatever stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from services.access.guarded import Guarded, GuardedList, GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.assembly.drafts import cases as draft
from services.assembly.explanations import cases as explanation
from services.assembly.explanations.cases import Things
from services.assembly.parts import PortParts
from services.assembly.personal_records import cases as personal_record
from services.assembly.personal_records.reading import PersonalKind, sections_of
from services.assembly.sync import ports as sync
from services.chassis.write.write_path import WritePath
from services.programs import rooms
from services.programs.agreement import cases as agreement
from services.programs.agreement.codec import AGREEMENTS
from services.programs.agreement.duties import erase_agreements
from services.programs.circle import cases as circle
from services.programs.circle.codec import CIRCLES
from services.programs.circle.duties import erase_circles
from services.programs.enrollment import cases as enrollment
from services.programs.enrollment.codec import ENROLLMENTS
from services.programs.enrollment.duties import erase_enrollments
from services.programs.flag_answer import cases as flag_answer
from services.programs.flag_answer.codec import FLAG_ANSWERS
from services.programs.flag_answer.duties import all_flag_answers
from services.programs.indexes import INDEXES as INDEXES
from services.programs.meeting import cases as meeting
from services.programs.meeting.codec import COMMUNITY_MEETINGS
from services.programs.meeting.duties import erase_community_meetings
from services.programs.offer import cases as offer
from services.programs.offer.codec import COACHING_OFFERS
from services.programs.offer.duties import erase_offers
from services.programs.own_ties import OwnTies
from services.programs.pairing import cases as pairing
from services.programs.pairing.codec import PAIR_INTERESTS
from services.programs.pairing.duties import erase_interests
from services.programs.program import cases as program
from services.programs.program.codec import PROGRAM_SUMMARIES, PROGRAMS
from services.programs.record import cases as record
from services.programs.record.codec import PLANNING_ENTRIES
from services.programs.record.duties import erase_planning_entries
from services.programs.relationship import cases as relationship
from services.programs.relationship.codec import RECEIPTS, RELATIONSHIPS
from services.programs.relationship.domain import Relationship
from services.programs.request import cases as request
from services.programs.request.codec import COACHING_REQUESTS
from services.programs.request.duties import erase_requests
from services.programs.round import cases as round_
from services.programs.session import cases as session
from services.programs.session.codec import COACHING_SESSION_SUMMARIES, COACHING_SESSIONS
from services.programs.session.domain import CoachingSession
from services.programs.session.duties import erase_coaching_sessions
from services.programs.takeaway import cases as takeaway
from services.programs.takeaway.codec import TAKEAWAYS
from services.programs.takeaway.duties import all_takeaways
from services.programs.training import cases as training
from services.programs.training.codec import TRAININGS
from services.programs.training.duties import all_trainings

NAME = "programs"


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    relationship: relationship.Ports
    agreement: agreement.Ports
    circle: circle.Ports
    program: program.Ports
    enrollment: enrollment.Ports
    flag_answer: flag_answer.Ports
    session: session.Ports
    meeting: meeting.Ports
    takeaway: takeaway.Ports
    record: record.Ports
    round: round_.Ports
    request: request.Ports
    offer: offer.Ports
    pairing: pairing.Ports
    training: training.Ports
    draft: draft.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(parts: PortParts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    path, sessions = parts.path(RELATIONSHIPS), parts.path(COACHING_SESSIONS)
    access = parts.access_for(policies, ties=OwnTies(path))
    of_enrollments, of_circles = rooms.enrollments(parts, access), rooms.circles(parts, access)
    of_records, of_meetings = rooms.records(parts, access), rooms.meetings(parts, access)
    of_agreements, of_takeaways = rooms.agreements(parts, access), rooms.takeaways(parts, access)
    of_requests, of_pairing = rooms.requests(parts, access), rooms.pairing(parts, access)
    of_offers = rooms.offers(parts, access, of_requests)
    of_trainings, answers = rooms.trainings(parts, access), parts.path(FLAG_ANSWERS)
    kept = [
        PersonalKind(RELATIONSHIPS, path, relationship.BY_DATE),
        PersonalKind(AGREEMENTS, of_agreements.path),
        PersonalKind(COACHING_SESSIONS, sessions),
        PersonalKind(ENROLLMENTS, of_enrollments.path),
        PersonalKind(CIRCLES, of_circles.path, circle.BY_DATE),
        PersonalKind(COACHING_REQUESTS, of_requests.path, request.BY_DATE),
        PersonalKind(COACHING_OFFERS, of_offers.path, offer.BY_DATE),
        PersonalKind(PAIR_INTERESTS, of_pairing.path, pairing.BY_DATE),
        PersonalKind(COMMUNITY_MEETINGS, of_meetings.path, meeting.BY_DATE),
        PersonalKind(TAKEAWAYS, of_meetings.takeaways, takeaway.BY_DATE),
        PersonalKind(TRAININGS, of_trainings.path, training.BY_DATE),
        PersonalKind(PLANNING_ENTRIES, of_records.path, record.BY_DATE),
        PersonalKind(FLAG_ANSWERS, answers, flag_answer.BY_DATE),
    ]
    of_sessions = session.Ports(
        sessions=Guarded(sessions, access, parts.clock, partial(session.whose, access)),
        path=sessions,
        summaries=GuardedList(parts.summaries(COACHING_SESSION_SUMMARIES), access),
        reads=GuardedReads(access),
        relationships=path,
        circles=of_circles.path,
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        school_days=parts.school_days,
        clock=parts.clock,
    )
    return Ports(
        relationship.Ports(
            relationships=Guarded(path, access, parts.clock, relationship.sides),
            path=path,
            receipts=parts.path(RECEIPTS),
            drafts=parts.drafts,
            names=NamesBeside(access),
            access=access,
            people=parts.directory,
            view=parts.directory,
            days=parts.days,
            clock=parts.clock,
            erased_too=(
                partial(erase_planning_entries, of_records),
                all_takeaways(of_meetings.takeaways),
                partial(erase_community_meetings, of_meetings),
                partial(erase_agreements, of_agreements),
                partial(erase_coaching_sessions, of_sessions),
                partial(erase_enrollments, of_enrollments),
                partial(erase_circles, of_circles),
                erase_requests(of_requests.path),
                erase_offers(of_offers.path),
                erase_interests(of_pairing.path),
                all_trainings(of_trainings.path),
                all_flag_answers(answers),
            ),
        ),
        of_agreements,
        of_circles,
        program.Ports(
            programs=Guarded(parts.path(PROGRAMS), access, parts.clock, program.led_by),
            is_in=partial(enrollment.is_in, of_enrollments.path),
            summaries=GuardedList(parts.summaries(PROGRAM_SUMMARIES), access),
            reads=GuardedReads(access),
            names=NamesBeside(access),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
        of_enrollments,
        flag_answer.Ports(
            answers=Guarded(answers, access, parts.clock, flag_answer.whose),
            path=answers,
            relationships=path,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            days=parts.days,
            clock=parts.clock,
        ),
        of_sessions,
        of_meetings,
        of_takeaways,
        of_records,
        rooms.rounds(parts, access, of_requests),
        of_requests,
        of_offers,
        of_pairing,
        of_trainings,
        draft.Ports(parts.drafts, GuardedReads(access), access, parts.clock),
        personal_record.Ports(
            sections_of(NAME, parts.journal, kept, parts.drafts),
            GuardedReads(access),
        ),
        explanation.Ports(
            policies,
            access,
            GuardedReads(access),
            {
                "community_meeting": Things(of_meetings.path, partial(meeting.whose, access)),
                "takeaway": Things(
                    of_takeaways.path, partial(takeaway.whose, access, of_takeaways.meetings)
                ),
                "training": Things(
                    of_trainings.path, partial(training.whose, access, of_trainings.programs)
                ),
                **_things(path, sessions, of_enrollments, of_circles, of_records),
            },
        ),
    )


def _things(
    relationships: WritePath[Relationship],
    sessions: WritePath[CoachingSession],
    of_enrollments: enrollment.Ports,
    of_circles: circle.Ports,
    of_records: record.Ports,
) -> Mapping[str, Things]:
    whose = partial(enrollment.whose, of_enrollments.programs)
    return {
        "relationship": Things(relationships, relationship.sides),
        "coaching_session": Things(sessions, partial(session.whose, of_records.access)),
        "enrollment": Things(of_enrollments.path, whose),
        "circle": Things(of_circles.path, circle.whose),
        "planning_entry": Things(of_records.path, partial(record.whose, of_records.access)),
    }
