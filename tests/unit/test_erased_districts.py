"""What of a district that was erased counts as of before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.chassis.log.envelope import Envelope, Record
from services.chassis.views.decode import Decoded, ToPark
from services.chassis.views.erased import READ_EVERY, RETAINED, ErasedDistricts
from tests.support.clocks import FakeClock
from tests.support.goal_cards import START

LATER = START + timedelta(milliseconds=1)
RECORD = Record("t.v1", 0, 0, b"d1:t1", b"\xff", ())
NOBODY_CAN_READ = ToPark(RECORD, None, "unreadable")


class Told:
    """One district, erased at START; how often that was asked."""

    asked = 0

    async def __call__(self) -> Mapping[str, datetime]:
        self.asked += 1
        return {"d1": START}


def event(at: datetime, district: str = "d1") -> Decoded:
    return Decoded(RECORD, Envelope("e", "t", district, f"{district}:t1", "a", 1, at), ())


async def test_what_was_published_by_then_is_left_out_and_nothing_else() -> None:
    erased = ErasedDistricts(Told(), FakeClock(START))
    others: list[Decoded | ToPark] = [
        event(LATER),
        event(START, "d2"),
        ToPark(RECORD._replace(key=b"d2:t1"), None, ""),
    ]
    assert await erased.without([event(START), NOBODY_CAN_READ, *others]) == others


async def test_what_nobody_can_read_is_kept_once_no_topic_can_have_it_of_before() -> None:
    clock = FakeClock(START + RETAINED)
    assert await ErasedDistricts(Told(), clock).without([NOBODY_CAN_READ]) == [NOBODY_CAN_READ]


async def test_it_is_asked_every_half_minute() -> None:
    told, clock = Told(), FakeClock(START)
    erased = ErasedDistricts(told, clock)
    for _ in range(3):
        await erased.known()
    assert told.asked == 1
    clock.forward(seconds=READ_EVERY.total_seconds())
    await erased.known()
    assert told.asked == 2
