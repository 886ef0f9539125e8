"""The journal, and then what is published: how `FollowEvents` answers, and what its positions say.

Where the log is read from is decided before the journal is, so nothing is missed between the two.
An event reaches its journal a moment after its topic: the log is read from some minutes earlier on,
and what happened in them comes twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct

from coaching.journal.v1 import journal_pb2
from services.chassis.edge.beginners import Who
from services.chassis.edge.followers import Followers, Published
from services.chassis.edge.journal_records import batches, record_of
from services.chassis.edge.sealed import seal, unsealed
from services.chassis.kernel import invalid
from services.chassis.log.envelope import Envelope
from services.chassis.log.following import LogPlace, Places
from services.chassis.write.documents import Journal, ended
from services.chassis.write.sealing import SealingKey

OVERLAP = timedelta(minutes=10)  # that an event may take from its topic to its journal
BATCH = 500
MOST_POSITION = 20_000  # of a topic of a thousand partitions
_COUNT, _PLACE = Struct(">H"), Struct(">QI")  # of all the same size, so that it tells nothing


@dataclass(frozen=True, slots=True)
class Position:
    """`journal`: the id of the last entry that was read, None once all have been."""

    places: Places
    journal: str | None = None


class Following:
    """What one caller follows: events of `district` (empty: of all) and of `types` (none: of all).
    `who` asks, and `scope` is what a position belongs to, which is sealed by `sealing`."""

    def __init__(
        self,
        journal: Journal,
        followers: Followers,
        now: Callable[[], datetime],
        sealing: SealingKey,
        *,
        who: Who,
        district: str,
        types: Collection[str],
        scope: str,
    ) -> None:
        self._journal, self._followers, self._now = journal, followers, now
        self._sealing = sealing
        self._who, self._district, self._types, self._scope = who, district, frozenset(types), scope

    async def answers(self, position: str) -> AsyncGenerator[journal_pb2.FollowEventsResponse]:
        """Raises Fault as `Followers.follow`, and INVALID for what is no position of this."""
        key = await self._sealing.key()
        at = decode_position(position, self._scope, key) if position else None
        if at is None:
            at = Position(await self._followers.since(self._now() - OVERLAP), "")
        while at.journal is not None:
            found = await self._journal.read(self._district, None, at.journal, BATCH)
            for batch in batches(found, BATCH):
                at = Position(at.places, batch[-1].id)
                wanted = [each for each in batch if self._of_type(each.event.type)]
                yield self._answer([record_of(each) for each in wanted], at, key)
            if ended(found, BATCH):
                at = Position(at.places)
        following = self._followers.follow(self._who, self._wanted, at.places)
        async with aclosing(following) as heard:
            async for published, places in heard:
                records = [_record(each) for each in published]
                yield self._answer(records, Position(places), key)

    def _answer(
        self, records: Iterable[journal_pb2.JournalRecord], at: Position, key: bytes
    ) -> journal_pb2.FollowEventsResponse:
        return journal_pb2.FollowEventsResponse(
            records=records,
            position=encode_position(at, self._scope, key),
            past=at.journal is not None,
        )

    def _wanted(self, envelope: Envelope) -> bool:
        return self._district in ("", envelope.district) and self._of_type(envelope.type)

    def _of_type(self, name: str) -> bool:
        return not self._types or name in self._types


def encode_position(position: Position, scope: str, key: bytes) -> str:
    """Sealed: where the log is tells how much happens in all districts."""
    places = [position.places[number] for number in range(len(position.places))]
    content = _COUNT.pack(len(places)) + b"".join(_PLACE.pack(*each) for each in places)
    if position.journal is not None:
        content += b";" + position.journal.encode()
    return seal(content, scope, key)


def decode_position(position: str, scope: str, key: bytes) -> Position:
    """Raises Fault INVALID `page_token`."""
    try:
        if len(position) > MOST_POSITION:
            raise ValueError("it is too long")
        content = unsealed(position, scope, key)
    except ValueError:
        told = "This is no position of these types and this district."
        raise invalid("page_token", told, "/position") from None
    (count,) = _COUNT.unpack_from(content)
    end = _COUNT.size + count * _PLACE.size
    places = enumerate(_PLACE.iter_unpack(content[_COUNT.size : end]))
    journal = content[end + 1 :].decode() if content[end:] else None
    return Position({number: LogPlace(*each) for number, each in places}, journal)


def _record(published: Published) -> journal_pb2.JournalRecord:
    """As the journal has it, but with the one key that it was published under."""
    said = published.envelope
    record = journal_pb2.JournalRecord(
        aggregate_id=said.aggregate_id,
        version=said.version,
        event_id=said.event_id,
        type=said.type,
        district_id=said.district,
        keys=[said.key],
        data=published.record.value or b"",
        year=said.year,
    )
    record.occurred_at.FromDatetime(said.occurred_at.astimezone(UTC))
    if said.made_at is not None:
        record.device_time.FromDatetime(said.made_at)
    return record
