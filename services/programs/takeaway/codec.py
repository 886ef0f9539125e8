"""What is taken away from community meetings: between the domain, the stored state and the
published events."""

from __future__ import annotations

from coaching.programs.v1 import takeaway_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.takeaway.domain import Takeaway, TakeawayEvent, TakeawayState

TAKEAWAY_EVENTS = messages_of(published.DESCRIPTOR, "Takeaway", TakeawayEvent, Last)
_STATES = numbers_of(TakeawayState, published.TakeawayState.DESCRIPTOR)


def takeaway_snapshot(takeaway: Takeaway) -> published.TakeawaySnapshot:
    """What is published of it: no word of what it says."""
    return published.TakeawaySnapshot(
        takeaway_id=takeaway.id,
        community_meeting_id=takeaway.meeting,
        author_id=takeaway.author,
        school_year=takeaway.school_year,
        state=_STATES[takeaway.state],
        written_at=stamp(takeaway.written_at),
        taken_back_at=stamp(takeaway.taken_back_at),
        transferred_from_id=takeaway.transferred_from,
    )


def encode_takeaway(takeaway: Takeaway, event: TakeawayEvent | Last) -> EncodedEvent:
    """By its author's key, and once by whose it was until then."""
    before = (takeaway.transferred_from,) if takeaway.transferred_from else ()
    left = before if event in (Last.ERASED, TakeawayEvent.TRANSFERRED) else ()
    told = takeaway_snapshot(takeaway)
    if event is Last.ERASED:
        told = published.TakeawaySnapshot(takeaway_id=takeaway.id)
    keys = keys_about(takeaway.district, takeaway.author, left=left)
    return encoded(TAKEAWAY_EVENTS[event](takeaway=told), keys, takeaway.school_year)


TAKEAWAYS = AggregateCodec("takeaway", Takeaway, encode_takeaway)
