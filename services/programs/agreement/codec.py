"""Agreements: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.programs.v1 import agreement_events_pb2 as published
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.agreement.domain import Agreement
from services.programs.agreement.outline import AgreementEvent, AgreementState, AgreementVersion
from services.programs.relationship.domain import Work

AGREEMENT_EVENTS = messages_of(published.DESCRIPTOR, "Agreement", AgreementEvent, Last)
_WORK = numbers_of(Work, relationships.Work.DESCRIPTOR)
_STATES = numbers_of(AgreementState, published.AgreementState.DESCRIPTOR)


def agreement_snapshot(agreement: Agreement) -> published.AgreementSnapshot:
    """Numbers, days and what the coach sees: what the two say stays here, and what was declined."""
    return published.AgreementSnapshot(
        agreement_id=agreement.id,
        relationship_id=agreement.relationship,
        coach_id=agreement.coach,
        teacher_id=agreement.teacher,
        school_year=agreement.school_year,
        state=_STATES[agreement.state],
        offered=_said(agreement.offered),
        in_force=_said(agreement.in_force),
        transferred_from_id=agreement.teacher_before,
    )


def _said(version: AgreementVersion | None) -> published.OfferedVersion | None:
    if version is None:
        return None
    return published.OfferedVersion(
        number=version.number,
        offered_by=version.offered_by,
        offered_at=stamp(version.offered_at),
        accepted_at=stamp(version.accepted_at),
        coach_sees=[_WORK[each] for each in version.terms.coach_sees],
        begin_date=version.terms.begins,
        end_date=version.terms.ends,
    )


def encode_agreement(agreement: Agreement, event: AgreementEvent | Last) -> EncodedEvent:
    gone = event is Last.ERASED
    before = [agreement.teacher_before] if agreement.teacher_before else []
    left = before if gone or event is AgreementEvent.TRANSFERRED else []
    told = (
        published.AgreementSnapshot(agreement_id=agreement.id)
        if gone
        else agreement_snapshot(agreement)
    )
    keys = keys_about(agreement.district, agreement.teacher, left=left)
    return encoded(AGREEMENT_EVENTS[event](agreement=told), keys, agreement.school_year)


AGREEMENTS = AggregateCodec("agreement", Agreement, encode_agreement)
