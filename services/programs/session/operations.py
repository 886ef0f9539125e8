"""What callers may do with coaching sessions: one is its coach's and whom it is of; what a pair or
a group has without a coach is of who came, and none of who facilitates it.

The coach of a single teacher must be assigned at the time she asks: with the relationship her
access ends, to what she recorded too. Of a session with several, or without any, she is let in
as long as she is in the roster. That only its coach records, writes and corrects is a rule of
the session itself, and that of a pair or a group each who is of it does. District administrators
and leaders see no session.
"""

from __future__ import annotations

from coaching.programs.v1 import coaching_session_pb2, coaching_session_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table, apart
from services.programs.session import cases, correcting, lists, recording, series
from services.programs.session.cases import Ports
from services.programs.session.domain import CoachingSession
from services.programs.session.resources import (
    CoachingSessionPage,
    coaching_session_resource,
    coaching_session_summary,
)

OF_IT = Policy(teacher=True, coach=True, party=True, about="coaching_session")

SESSION: Noun[Ports, CoachingSession] = Noun(
    "/coaching-sessions/{coaching_session_id}",
    lambda ports: ports.sessions,
    coaching_session_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    coaching_session_pb2.DESCRIPTOR.services_by_name["CoachingSessionsService"],
    coaching_session_pb2_grpc.add_CoachingSessionsServiceServicer_to_server,
    SESSION.create(cases.schedule_coaching_session, OF_IT),
    SESSION.create(recording.record_contact, OF_IT, path="/session-contacts"),
    SESSION.change(
        cases.reschedule_coaching_session,
        OF_IT,
        "",
        verb="PATCH",
        when=CoachingSession.check_reschedule,
    ),
    SESSION.change(recording.hold_coaching_session, OF_IT, "hold", when=CoachingSession.check_hold),
    SESSION.change(recording.miss_coaching_session, OF_IT, "miss", when=CoachingSession.check_miss),
    SESSION.move(CoachingSession.cancel, OF_IT, when=CoachingSession.check_cancel, late=Late.WINS),
    SESSION.change(
        correcting.summarize_coaching_session,
        OF_IT,
        "summarize",
        when=CoachingSession.check_summarize,
    ),
    SESSION.change(
        correcting.correct_coaching_session, OF_IT, "correct", when=correcting.correcting
    ),
    SESSION.change(
        correcting.void_coaching_session, OF_IT, "void", when=correcting.voiding, late=Late.WINS
    ),
    SESSION.get(OF_IT),
    apart(series.schedule_session_series, "POST", "/session-series", OF_IT, late=Late.ADDS),
    apart(
        series.end_session_series, "POST", "/session-series/{series_id}/end", OF_IT, late=Late.WINS
    ),
    SESSION.find(
        lists.list_coaching_sessions, OF_IT, CoachingSessionPage, coaching_session_summary
    ),
)
