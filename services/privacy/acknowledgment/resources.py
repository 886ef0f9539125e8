"""Answers about acknowledgments, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.privacy.acknowledgment.domain import Acknowledgment


class AcknowledgmentResource(Resource):
    acknowledgment_id: str
    statement_id: str
    person_id: str
    person_name: str | None = name_of("person_id")
    acknowledged_at: datetime
    version: int


class AcknowledgmentPage(PageResource):
    acknowledgments: list[AcknowledgmentResource]


def acknowledgment_resource(acknowledgment: Acknowledgment) -> AcknowledgmentResource:
    """That a person has read a statement, and when."""
    return AcknowledgmentResource(
        acknowledgment_id=acknowledgment.id,
        statement_id=acknowledgment.statement,
        person_id=acknowledgment.person,
        acknowledged_at=acknowledgment.at,
        version=acknowledgment.version,
    )
