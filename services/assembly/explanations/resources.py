"""Answers about who may do what, over REST and gRPC."""

from __future__ import annotations

from pydantic import Field

from services.access.explaining import AccessAnswer
from services.chassis.fields import Resource


class ExplainedOperationResource(Resource):
    operation: str
    kind: str | None = Field(description="The kind of thing that it is about; null: of nobody's")
    answer: AccessAnswer = Field(
        description="Whether she may now; `depends`: on whom a thing names or with whom its owner "
        "shares it"
    )
    rule: list[str] = Field(description="Whom it lets in, as docs/access.md names them")
    relation: str | None = Field(
        description="What she is, by which she is let in; null: she is not"
    )
    grant_id: str | None = Field(description="The grant that it takes; null: none")
    shown: list[str] = Field(
        description="The kinds of work that the teacher shows her, where she coaches her today"
    )
    why: list[str] = Field(description="What each part of the rule found, where it found nothing")


class AccessExplanationResource(Resource):
    """As the access view of this service has it now. Of what a thing holds it says nothing."""

    person_id: str = Field(description="Who would ask")
    teacher_id: str = Field(description="Whose things they are")
    thing_id: str | None = Field(description="The one thing that was asked about; null: none")
    explained: list[ExplainedOperationResource] = Field(description="One for each operation")
