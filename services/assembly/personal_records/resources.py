"""Answers about what is held of a person, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from pydantic import Field, create_model

from services.assembly.personal_records.domain import PersonalRecord, RecordPart
from services.chassis.fields import PageResource, Resource


class PersonalRecordResource(Resource):
    """One thing that is held about a person."""

    part: RecordPart = Field(
        description="A record as it is stored, what has left one (`entry`), an event of one, "
        "a draft, or a look at what is about her"
    )
    kind: str = Field(description="The kind of record, entry or draft, as the data schedule has it")
    role: str = Field(description="By which field of the record it is about her")
    of_id: str = Field(
        description="The record, draft or look, by its id; another one, which opens nothing, where "
        "the record is rather somebody else's"
    )
    number: int = Field(
        description="The version of a record, 0 where it is not told; the number of an event or "
        "entry"
    )
    at: datetime | None = Field(
        description="When the event was, the draft was saved, the look was; null otherwise"
    )
    content: str = Field(
        description="What of it is hers, as JSON: fields as the data schedule has them, "
        "keys in order, no white space"
    )


class PersonalRecordPage(PageResource):
    personal_records: list[PersonalRecordResource] = Field(
        description="Kind by kind; each record before what has left it and its events"
    )


def shown_of(
    kinds: Collection[str], roles: Collection[str]
) -> tuple[type[PersonalRecordPage], Callable[[PersonalRecord], PersonalRecordResource]]:
    """How a service shows what it holds, of these kinds and by these roles: a page, and one thing.
    The words are told and not checked: what is held may be older than they are."""

    def one_of(name: str, words: Collection[str]) -> Any:
        told = PersonalRecordResource.model_fields[name].description
        return str, Field(description=told, json_schema_extra={"enum": [*sorted(words)]})

    one = create_model(
        "PersonalRecordResource",
        __base__=PersonalRecordResource,
        __doc__=PersonalRecordResource.__doc__,
        kind=one_of("kind", kinds),
        role=one_of("role", roles),
    )
    described: Any = (
        list[one],
        Field(description=PersonalRecordPage.model_fields["personal_records"].description),
    )
    page = create_model(
        "PersonalRecordPage", __base__=PersonalRecordPage, personal_records=described
    )

    def resource(record: PersonalRecord) -> PersonalRecordResource:
        """One thing that is held about a person."""
        return one(
            part=record.part,
            kind=record.kind,
            role=record.role,
            of_id=record.of,
            number=record.number,
            at=record.at,
            content=record.content,
        )

    resource.__annotations__["return"] = one
    return page, resource
