"""Interest in pairs: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.programs.v1 import pair_interest_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.pairing.domain import PairInterest, PairInterestEvent, PairInterestState

PAIR_INTEREST_EVENTS = messages_of(published.DESCRIPTOR, "PairInterest", PairInterestEvent, Last)
_STATES = numbers_of(PairInterestState, published.PairInterestState.DESCRIPTOR)


def pair_interest_snapshot(interest: PairInterest) -> published.PairInterestSnapshot:
    """What is published of it: not what she offers, nor what she would like to learn."""
    return published.PairInterestSnapshot(
        pair_interest_id=interest.id,
        teacher_id=interest.teacher,
        school_year=interest.school_year,
        state=_STATES[interest.state],
        stated_at=stamp(interest.stated_at),
        transferred_from_id=interest.transferred_from,
    )


def encode_pair_interest(interest: PairInterest, event: PairInterestEvent | Last) -> EncodedEvent:
    told = pair_interest_snapshot(interest)
    if event is Last.ERASED:
        told = published.PairInterestSnapshot(pair_interest_id=interest.id)
    left: tuple[str, ...] = ()
    if event in (PairInterestEvent.TRANSFERRED, Last.ERASED) and interest.transferred_from:
        left = (interest.transferred_from,)
    keys = keys_about(interest.district, interest.teacher, left=left)
    message = PAIR_INTEREST_EVENTS[event](pair_interest=told)
    return encoded(message, keys, interest.school_year)


PAIR_INTERESTS = AggregateCodec("pair_interest", PairInterest, encode_pair_interest)
