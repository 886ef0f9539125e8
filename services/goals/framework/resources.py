"""Answers about frameworks of standards, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.fields import PageResource, Resource
from services.chassis.write.entries import Numbered
from services.goals.framework.domain import FrameworkState, FrameworkSummary, Standard


class FrameworkResource(Acted):
    """A framework without its standards, which are listed below it."""

    framework_id: str
    case_id: str
    state: FrameworkState
    title: str
    edition: str
    source: str
    standard_count: int
    begun_at: datetime
    published_at: datetime | None
    closed_at: datetime | None
    version: int


class FrameworkPage(PageResource):
    frameworks: list[FrameworkResource]


class StandardResource(Resource):
    """`standard_number` counts from 1, in the order of the file."""

    standard_number: int
    standard_id: str
    code: str
    text: str
    parent_id: str | None


class StandardPage(PageResource):
    standards: list[StandardResource]


def framework_resource(framework: FrameworkSummary) -> FrameworkResource:
    """A framework of standards that the district has imported."""
    return FrameworkResource(
        framework_id=framework.id,
        case_id=framework.case_id,
        state=framework.state,
        title=framework.title,
        edition=framework.edition,
        source=framework.source,
        standard_count=framework.standard_count,
        begun_at=framework.begun_at,
        published_at=framework.published_at,
        closed_at=framework.closed_at,
        version=framework.version,
    )


def standard_resource(numbered: Numbered[Standard]) -> StandardResource:
    standard = numbered.part
    return StandardResource(
        standard_number=numbered.number,
        standard_id=standard.id,
        code=standard.code,
        text=standard.text,
        parent_id=standard.parent or None,
    )
