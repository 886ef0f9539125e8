"""Answers about what is held of a person, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

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
    number: int = Field(description="The version of a record or event, the number of an entry")
    at: datetime | None = Field(
        description="When the event was, the draft was saved, the look was; else null"
    )
    content: str = Field(
        description="What of it is hers, as JSON: fields as the data schedule has them, "
        "keys in order, no white space"
    )


class PersonalRecordPage(PageResource):
    personal_records: list[PersonalRecordResource] = Field(
        description="Kind by kind; each record before what has left it and its events"
    )


def personal_record_resource(record: PersonalRecord) -> PersonalRecordResource:
    """One thing that is held about a person."""
    return PersonalRecordResource(
        part=record.part,
        kind=record.kind,
        role=record.role,
        of_id=record.of,
        number=record.number,
        at=record.at,
        content=record.content,
    )
