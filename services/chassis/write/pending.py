"""The event that waits in its aggregate's document until it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Fault, Kind, millis
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.write.documents import DEVICE_TIMES, KeyUse
from services.chassis.write.readable import check_readable

if TYPE_CHECKING:
    from services.chassis.write.write_path import EncodedEvent

EVENT_BYTES = 900_000  # a Kafka record holds 1 MiB with its headers


def pending_event(
    call: Call, aggregate: Aggregate, version: int, encoded: EncodedEvent, at: datetime
) -> PendingEvent:
    """What a call has made happen, by which an aggregate comes to this version. Raises Fault
    TOO_LARGE `event_too_large`, and as `check_readable`."""
    assert encoded.keys, "an event has a key"
    if len(encoded.data) > EVENT_BYTES:
        raise Fault(Kind.TOO_LARGE, "event_too_large", "The resource has grown too large.")
    pending = PendingEvent(
        version=version,
        event_id=f"{aggregate.id}:{version}",
        type=encoded.type,
        keys=encoded.keys,
        data=encoded.data,
        occurred_at=millis(at),
        year=encoded.year,
        trace=call.trace,
        correlation=call.correlation,
        causation=call.causation,
        made_at=call.made_at,
        entries=encoded.entries,
    )
    check_readable(pending, aggregate.district, aggregate.id)
    return pending


def written(
    call: Call, aggregate: Aggregate, event: PendingEvent, told: int, use: KeyUse | None
) -> None:
    """Say what a call has written: the version that the event makes, as its caller is `told` it,
    and both times, if a device has said one."""
    aggregate.version, call.wrote[aggregate.id] = event.version, told
    if use is not None and use.timed is not None:
        call.timed[aggregate.id] = use.timed
        aggregate.device_times = (*aggregate.device_times, use.timed)[-DEVICE_TIMES:]


def erasing(event: PendingEvent, leaving: Sequence[Entry]) -> PendingEvent:
    """The event as the last of its aggregate, which is `leaving` some parts. Of these goes along
    that their numbers are taken: whoever has read them before puts nothing there any more. When
    she did it by her device is hers, too."""
    numbers = dict.fromkeys((each.kind, each.number) for each in leaving)
    empty = tuple(Entry(kind, number, 1, {}) for kind, number in numbers)
    return replace(event, entries=empty, erases=True, made_at=None)
