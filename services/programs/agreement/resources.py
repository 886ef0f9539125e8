"""Answers about agreements, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.programs.agreement.domain import Agreement
from services.programs.agreement.outline import AgreementOutcome, AgreementState, AgreementVersion
from services.programs.relationship.domain import Work


class AgreementVersionResource(Resource):
    """What one side has offered, in the words of the two."""

    number: int
    works_on: Written
    how_often: Written
    coach_sees: list[Work]
    shared_with: Written
    begin_date: str | None
    end_date: str | None
    offered_by: str
    offered_by_name: str | None = name_of("offered_by")
    offered_at: datetime
    accepted_at: datetime | None
    over_at: datetime | None
    outcome: AgreementOutcome | None


class AgreementSummaryResource(Acted):
    """An agreement without what it says."""

    agreement_id: str
    relationship_id: str
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: AgreementState
    begun_at: datetime
    version: int


class AgreementResource(AgreementSummaryResource):
    """What a coach and a teacher have written down. `offered` waits for the other side's answer;
    `in_force` is what both have accepted; `earlier_versions` are those that count no more, oldest
    first: all that both had accepted, and the newest 20 of the others. What the coach sees now, the
    relationship says: the teacher may have said otherwise since."""

    offered: AgreementVersionResource | None
    in_force: AgreementVersionResource | None
    earlier_versions: list[AgreementVersionResource]


class AgreementPage(PageResource):
    agreements: list[AgreementSummaryResource]


R = TypeVar("R", bound=AgreementSummaryResource)


def agreement_summary(agreement: Agreement) -> AgreementSummaryResource:
    return _told(AgreementSummaryResource, agreement)


def agreement_resource(agreement: Agreement) -> AgreementResource:
    """One agreement, for its two sides alone."""
    return _told(
        AgreementResource,
        agreement,
        offered=agreement.offered and _version(agreement.offered),
        in_force=agreement.in_force and _version(agreement.in_force),
        earlier_versions=[_version(each) for each in agreement.earlier],
    )


def _version(said: AgreementVersion) -> AgreementVersionResource:
    return AgreementVersionResource(
        number=said.number,
        works_on=said.terms.works_on,
        how_often=said.terms.how_often,
        coach_sees=list(said.terms.coach_sees),
        shared_with=said.terms.shared_with,
        begin_date=said.terms.begins or None,
        end_date=said.terms.ends or None,
        offered_by=said.offered_by,
        offered_at=said.offered_at,
        accepted_at=said.accepted_at,
        over_at=said.over_at,
        outcome=said.outcome,
    )


def _told(shown: type[R], agreement: Agreement, **more: Any) -> R:
    return shown(
        agreement_id=agreement.id,
        relationship_id=agreement.relationship,
        coach_id=agreement.coach,
        teacher_id=agreement.teacher,
        school_year=agreement.school_year,
        state=agreement.state,
        begun_at=agreement.begun_at,
        version=agreement.version,
        **more,
    )
