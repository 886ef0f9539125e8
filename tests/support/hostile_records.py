"""Ways to break an event between its producer and its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.privacy.v1 import statement_events_pb2 as statements
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.projection import access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.log.envelope import Headers, Record
from services.insights.caseload.fold import insights_projection

YEAR = 2027
_READ = {*access_projection("any").topics, *insights_projection().topics}
READ = tuple(each for each in WRITE_SERVICES if SERVICES[each].topic in _READ)

Break = Callable[[Record], Record]


def header(name: str, value: bytes | None) -> Break:
    """Another value of a header, or none of it."""

    def change(record: Record) -> Record:
        kept: Headers = [each for each in record.headers if each[0] != name]
        return record._replace(headers=[*kept, *([] if value is None else [(name, value)])])

    return change


def empty(name: str) -> Break:
    """A header without a value, which is not the same as an empty one."""

    def change(record: Record) -> Record:
        kept = [each for each in record.headers if each[0] != name]
        nothing = cast(bytes, None)  # what the client makes of it
        return record._replace(headers=[*kept, (name, nothing)])

    return change


def value(data: bytes | None) -> Break:
    return lambda record: record._replace(value=data)


def key(data: bytes | None) -> Break:
    return lambda record: record._replace(key=data)


def of_another_district(record: Record) -> Record:
    """Garbage about somebody of another district."""
    moved = header("ce_districtid", b"south")(record)
    return moved._replace(key=b"south:teacher-1", value=b"\xff" * 40)


def good(service: str, teacher: str, mark: str) -> tuple[Message, str, int]:
    """A good event of a service about a teacher, its aggregate and its school year: every view
    that folds it shows `mark`. Events of people and relationships make the access views, too."""
    about: dict[str, Any] = {"teacher_id": teacher, "school_year": YEAR}
    match service:
        case "roster":
            person = roster.Person(
                person_id=teacher,
                given_name=mark,
                roles=[roster.RoleAssignment(role="teacher", org_id=mark)],
                school_years=[YEAR],
                status=roster.RECORD_STATUS_ACTIVE,
            )
            return roster.PersonUpserted(person=person), f"person-{teacher}", 0
        case "goals":
            goal = goals.GoalSnapshot(
                goal_id=f"goal-{teacher}", measure_id=mark, state=goals.GOAL_STATE_ACTIVE, **about
            )
            return goals.GoalRevised(goal=goal), goal.goal_id, YEAR
        case "programs":
            pair = relationships.RelationshipSnapshot(
                relationship_id=f"pair-{teacher}",
                coach_id=mark,
                state=relationships.RELATIONSHIP_STATE_ACTIVE,
                **about,
            )
            return relationships.RelationshipAccepted(relationship=pair), pair.relationship_id, YEAR
        case "surveys":
            survey = surveys.AdministrationSnapshot(
                administration_id=f"survey-{teacher}",
                instrument_id=mark,
                state=surveys.ADMINISTRATION_STATE_OPEN,
                **about,
            )
            return surveys.AdministrationOpened(administration=survey), f"survey-{teacher}", YEAR
        case "observations":
            visit = observations.ObservationSnapshot(
                observation_id=f"visit-{teacher}",
                tool_id=mark,
                state=observations.OBSERVATION_STATE_SHARED,
                **about,
            )
            return observations.ObservationShared(observation=visit), f"visit-{teacher}", YEAR
        case "privacy":
            read = statements.AcknowledgmentSnapshot(
                acknowledgment_id=f"read-{teacher}", statement_id=mark, person_id=teacher
            )
            read.acknowledged_at.seconds = 1_791_000_000
            return statements.StatementAcknowledged(acknowledgment=read), f"read-{teacher}", 0
    raise LookupError(service)


def said(**fields: object) -> Break:
    """The goal says something else than its envelope."""

    def change(record: Record) -> Record:
        message = goals.GoalProgressRecorded.FromString(record.value or b"")
        for name, each in fields.items():
            if name == "drafted_at":
                message.goal.drafted_at.seconds = int(str(each))
            else:
                setattr(message.goal, name, each)
        return record._replace(value=message.SerializeToString())

    return change


# What is broken, the reason it is parked for, and whether the envelope is still readable: then it
# names the row. These say nothing of the message, and so they fit the events of every topic.
ANY: dict[str, tuple[Break, str, bool]] = {
    "garbage": (value(b"\xff" * 40), "undecodable", True),
    "bad UTF-8": (value(b"\x0a\x03\x0a\x01\xff"), "undecodable", True),
    "nested without end": (value(b"\x0b" * 5_000), "undecodable", True),
    "no value": (value(None), "invalid: no value", True),
    "an empty value": (value(b""), "invalid", True),
    "too large": (value(b"\x0a" * (1024 * 1024 + 1)), "too large: 1048577 bytes", True),
    "a newer reader": (header("ce_minreader", b"2"), "needs upgrade", True),
    "a reader that is no number": (header("ce_minreader", b"x"), "needs upgrade", True),
    "an empty reader": (empty("ce_minreader"), "needs upgrade", True),
    "an empty schema": (empty("ce_dataschema"), "invalid: ce_dataschema", True),
    "another schema": (
        header("ce_dataschema", b"urn:tandem:message:other.Type"),
        "invalid: ce_dataschema",
        True,
    ),
    "a schema that is no URI": (
        header("ce_dataschema", b"other.Type"),
        "invalid: ce_dataschema",
        True,
    ),
    "another district": (header("ce_districtid", b"south"), "unreadable: the key", False),
    "no key": (key(None), "unreadable: the key", False),
    "a key that is no text": (key(b"\xff"), "unreadable", False),
    "no district": (header("ce_districtid", None), "unreadable: header ce_district", False),
    "no subject": (header("ce_subject", None), "unreadable: header ce_subject", False),
    "no id": (header("ce_id", b""), "unreadable: header ce_id", False),
    "no version": (header("ce_sequence", None), "unreadable: header ce_sequence", False),
    "version 0": (header("ce_sequence", b"0"), "unreadable", False),
    "a version beyond all": (header("ce_sequence", b"9" * 17), "unreadable", False),
    "a version of digits": (header("ce_sequence", b"1" * 6_000), "unreadable", False),
    "a version in Python's way": (header("ce_sequence", b"1_0"), "unreadable", False),
    "a year beyond all": (header("ce_year", b"9" * 30), "unreadable", False),
    "a negative year": (header("ce_year", b"-5"), "unreadable", False),
    "time without a zone": (header("ce_time", b"2026-10-05T15:00:00"), "unreadable", False),
    "time before time": (header("ce_time", b"0001-01-01T00:00:00+14:00"), "unreadable", False),
    "the end of time": (header("ce_time", b"9999-12-31T23:59:59-14:00"), "unreadable", False),
    "another envelope": (header("ce_specversion", b"2.0"), "unreadable", False),
    "bytes in a header": (header("ce_source", b"\xff\xfe"), "unreadable", False),
}

# A goal that says something else than its envelope.
GOAL: dict[str, tuple[Break, str, bool]] = {
    "another teacher": (said(teacher_id="teacher-2"), "invalid: the key names another", True),
    "no teacher": (said(teacher_id=""), "invalid: the key names another", True),
    "no year": (said(school_year=0), "invalid: no school year", True),
    "no state": (said(state=0), "invalid: a goal without a state", True),
    "no date": (said(due_date="soon"), "invalid: due_date is no date", True),
    "no time": (said(drafted_at=-(2**62)), "invalid: drafted_at is no time", True),
}

BROKEN = {**ANY, **GOAL}
