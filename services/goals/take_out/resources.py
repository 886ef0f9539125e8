"""Answers about what a teacher takes along, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.chassis.fields import PageResource, Resource
from services.goals.take_out.domain import TakenPart, TakeOut

Format = Literal["tandem-take-out-1"]


class TakenPartHashResource(Resource):
    part_id: str = Field(description="A goal by its id, or some of its values or revisions")
    sha256: str = Field(description="Of the part's content in UTF-8, as lower-case hex")


class TakeOutResource(Resource):
    """What the caller may take along, signed by the Tandem that keeps it: see docs/take-out.md."""

    format: Format = Field(description="What is signed, and how")
    district_id: str
    person_id: str
    given_name: str
    family_name: str
    made_at: datetime = Field(description="When it was signed")
    parts: list[TakenPartHashResource] = Field(description="In their order, each once")
    key: str = Field(description="The public key of Ed25519, as base64 for URLs")
    signature: str = Field(description="Of all fields but this and `key`, as base64 for URLs")


class TakenPartResource(Resource):
    part_id: str = Field(description="A goal by its id, or some of its values or revisions")
    content: str = Field(description="JSON: keys in order, no white space")


class TakenPartPage(PageResource):
    parts: list[TakenPartResource] = Field(description="In the order in which they are signed")


def take_out_resource(made: TakeOut) -> TakeOutResource:
    return TakeOutResource(
        format="tandem-take-out-1",
        district_id=made.district,
        person_id=made.person,
        given_name=made.given_name,
        family_name=made.family_name,
        made_at=made.made_at,
        parts=[TakenPartHashResource(part_id=each, sha256=hash_) for each, hash_ in made.parts],
        key=made.key,
        signature=made.signature,
    )


def taken_part_resource(part: TakenPart) -> TakenPartResource:
    """Some of what the caller may take along."""
    return TakenPartResource(part_id=part.id, content=part.content)
