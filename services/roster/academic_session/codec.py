"""Academic sessions: stored state and published events."""

from __future__ import annotations

from coaching.roster.v1 import events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.roster.academic_session.domain import AcademicSession
from services.roster.record import RosterChange, RosterEvent

SESSION_EVENTS = messages_of(published.DESCRIPTOR, "AcademicSession", RosterChange)


def session_message(session: AcademicSession) -> published.AcademicSession:
    return published.AcademicSession(
        session_id=session.sourced_id,
        title=session.title,
        type=session.type,
        start_date=session.start,
        end_date=session.end,
        school_year=session.school_year,
        parent_session_id=session.parent,
        status=published.RecordStatus.Value(f"RECORD_STATUS_{session.status.name}"),
    )


def encode_session(session: AcademicSession, event: RosterEvent) -> EncodedEvent:
    message = SESSION_EVENTS[event.change](session=session_message(session))
    return encoded(message, (f"{session.district}:{session.sourced_id}",), session.school_year)


SESSIONS = AggregateCodec("session", AcademicSession, encode_session)
