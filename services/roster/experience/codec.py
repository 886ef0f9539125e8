"""Experience: stored state and published events."""

from __future__ import annotations

from coaching.roster.v1 import experience_events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.roster.experience.domain import Experience, ExperienceEvent

EXPERIENCE_EVENTS = messages_of(published.DESCRIPTOR, "Experience", ExperienceEvent)


def encode_experience(experience: Experience, event: ExperienceEvent) -> EncodedEvent:
    """Without the band: nobody else reads it, and it comes near to somebody's age."""
    said = published.ExperienceSnapshot(person_id=experience.person, stated_on=experience.stated_on)
    message = EXPERIENCE_EVENTS[event](experience=said)
    return encoded(message, (f"{experience.district}:{experience.person}",))


EXPERIENCES = AggregateCodec("experience", Experience, encode_experience)
