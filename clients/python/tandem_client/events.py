"""Events, as a journal or a record of Kafka has them: the full name of a message, and its bytes."""

from __future__ import annotations

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

# so that their messages are known by name
from coaching.goals.v1 import goal_events_pb2 as _goals
from coaching.observations.v1 import observation_events_pb2 as _observations
from coaching.observations.v1 import tool_events_pb2 as _tools
from coaching.privacy.v1 import statement_events_pb2 as _statements
from coaching.programs.v1 import relationship_events_pb2 as _relationships
from coaching.roster.v1 import events_pb2 as _roster
from coaching.surveys.v1 import administration_events_pb2 as _administrations
from coaching.surveys.v1 import instrument_events_pb2 as _instruments

_KNOWN = {
    each.DESCRIPTOR.package
    for each in (
        *(_goals, _observations, _tools, _statements),
        *(_relationships, _roster, _administrations, _instruments),
    )
}


def event_of(type: str, data: bytes) -> Message | None:
    """The event; None for one that this version of the client does not know, which is to be passed
    over. Raises google.protobuf.message.DecodeError where the bytes are no such message."""
    if type.rpartition(".")[0] not in _KNOWN:
        return None
    try:
        known = descriptor_pool.Default().FindMessageTypeByName(type)
    except KeyError:
        return None
    return message_factory.GetMessageClass(known).FromString(data)
