"""Answers about covers, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.roster.cover.domain import Cover, CoverReason, CoverState, EarlierCover


class CoveredClassResource(Resource):
    class_id: str
    teacher_id: str
    class_title: str | None = name_of("class_id", "class", "teacher_id")


class CoverTermsResource(Resource):
    class_ids: list[str]
    reason_kind: CoverReason
    begin_date: str
    end_date: str
    owner_id: str
    owner_name: str | None = name_of("owner_id")
    entered_at: datetime


class CoverResource(Acted):
    """`earlier`: what it said before it was changed, oldest first, at most the newest 20."""

    cover_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    substitute_id: str
    substitute_name: str | None = name_of("substitute_id")
    class_ids: list[str]
    classes: list[CoveredClassResource]
    reason_kind: CoverReason
    begin_date: str = Field(description="The first day on which it counts")
    end_date: str = Field(description="The last day on which it counts")
    school_year: int
    owner_id: str
    owner_name: str | None = name_of("owner_id")
    entered_at: datetime
    state: CoverState
    ended_by: str | None
    ended_by_name: str | None = name_of("ended_by")
    ended_at: datetime | None
    earlier: list[CoverTermsResource]
    version: int


class CoverPage(PageResource):
    covers: list[CoverResource]


def cover_resource(cover: Cover) -> CoverResource:
    """Who takes the classes of a teacher who is away, and when."""
    return CoverResource(
        cover_id=cover.id,
        teacher_id=cover.teacher,
        substitute_id=cover.substitute,
        class_ids=list(cover.classes),
        classes=[
            CoveredClassResource(class_id=each, teacher_id=cover.teacher) for each in cover.classes
        ],
        reason_kind=cover.reason,
        begin_date=cover.begins,
        end_date=cover.ends,
        school_year=cover.school_year,
        owner_id=cover.owner,
        entered_at=cover.entered_at,
        state=cover.state,
        ended_by=cover.ended_by or None,
        ended_at=cover.ended_at,
        earlier=[_terms(each) for each in cover.earlier],
        version=cover.version,
    )


def _terms(each: EarlierCover) -> CoverTermsResource:
    return CoverTermsResource(
        class_ids=list(each.classes),
        reason_kind=each.reason,
        begin_date=each.begins,
        end_date=each.ends,
        owner_id=each.owner,
        entered_at=each.entered_at,
    )
