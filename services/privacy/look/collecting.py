"""From what all services tell of looks to each person's list: see `log.collector`."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence

from services.access.days import Days
from services.access.decision import PURPOSE
from services.access.looks import REFUSED
from services.access.policy import WORK_KINDS
from services.access.school_year import school_year_of
from services.chassis.kernel import Clock, Fault, Kind, SystemClock
from services.chassis.log.envelope import Record
from services.chassis.log.source import Positions
from services.chassis.troubles import EVENT, Troubles
from services.chassis.views.erased import ErasedDistricts
from services.chassis.write.ids import derived_id
from services.privacy.erasure.domain import SERVICES
from services.privacy.look.codec import NoLook, look_of
from services.privacy.look.domain import (
    End,
    Look,
    ToldLook,
    following,
    journals_of,
    of_each,
    reads_of,
)
from services.privacy.look.looks import Looks, NumberTaken, Refusal, Whose

log = logging.getLogger(__name__)

TRIES = 5  # where others append, too
MOST_ENDS = 20_000  # lists whose end is remembered


class CollectedLooks:
    """Implements `collector.Collects`. Each event is in a person's list once: of what comes a
    second time the list has the event already, and of two who append at once one has the number."""

    def __init__(
        self, looks: Looks, troubles: Troubles, days: Days, clock: Clock | None = None
    ) -> None:
        self._looks = looks
        self._erased = ErasedDistricts(looks.erased_districts, clock or SystemClock())
        self._days = days
        self._troubles = troubles
        self._ends: OrderedDict[Whose, End] = OrderedDict()  # as this process left them

    async def positions(self, numbers: Collection[int]) -> Positions:
        """Asked where partitions are taken on. The ends that this process knew count no more: who
        had them meanwhile may have gone on, and what she added be gone from the front by now."""
        self._ends.clear()
        return await self._looks.positions(numbers)

    async def collected(self, positions: Positions) -> None:
        await self._looks.collected(positions)

    async def collect(self, records: Sequence[Record]) -> None:
        """2 commands for all, 1 more every half minute, 1 where partners have read, 1 where they
        read journals, and 1 for each list of which the end is not known. What cannot be read is
        told to `troubles`, and passed over; what was before its district was erased is, too."""
        erased = await self._erased.known()
        told = [
            each
            for record in records
            if (each := self._read(record)) is not None
            and not (each.district in erased and each.last_at <= erased[each.district])
        ]
        refused = {each.event: self._refusal(each) for each in told if _for_another_purpose(each)}
        if refused:
            await self._looks.count(list(refused.values()))
        reads = reads_of(filter(_ends, told))
        if reads:
            await self._looks.note_reads(reads)
        journals = journals_of((self._day(each), each) for each in told if not each.person)
        if journals:
            await self._looks.note_journals(journals)
        waiting = of_each(told)
        for _ in range(TRIES):
            if not waiting:
                return
            try:
                await self._append(waiting)
            except NumberTaken:
                for whose in waiting:
                    self._ends.pop(whose, None)
            else:
                return
        raise Fault(Kind.UNAVAILABLE, "contention", "Others append to the same lists.")

    async def _append(self, waiting: dict[Whose, list[ToldLook]]) -> None:
        unknown = [each for each in waiting if each not in self._ends]
        ends = {each: End() for each in unknown} | dict(await self._looks.ends(unknown))
        ends |= {each: self._ends[each] for each in waiting if each in self._ends}
        known = await self._looks.known({each.event for told in waiting.values() for each in told})
        made: list[Look] = []
        for whose, every in waiting.items():
            told = [each for each in every if (whose, each.event) not in known]
            numbers = range(ends[whose].number + 1, ends[whose].number + 1 + len(told))
            ids = [derived_id("look", *whose, str(number)) for number in numbers]
            looks = following(ends[whose], ids, told)
            if looks:
                ends[whose] = End(looks[-1].number, looks[-1].hash)
            made += looks
        if made:
            await self._looks.append(made)
        for whose, end in ends.items():
            self._ends[whose] = end
            self._ends.move_to_end(whose)
        while len(self._ends) > MOST_ENDS:
            self._ends.popitem(last=False)

    def _refusal(self, told: ToldLook) -> Refusal:
        year = school_year_of(self._days.day_of(told.district, told.last_at))
        return Refusal(told.event, told.district, year, told.purpose, told.times)

    def _day(self, told: ToldLook) -> str:
        return self._days.day_of(told.district, told.last_at).isoformat()

    def _read(self, record: Record) -> ToldLook | None:
        try:
            return look_of(record)
        except NoLook as error:
            self._troubles.tell(EVENT, error.district, error)
            place = f"{record.topic}/{record.partition} at {record.offset}"
            log.error("no look, and passed over: %s", place)
            return None


def _for_another_purpose(told: ToldLook) -> bool:
    """Whether it was refused to what coaching data does not serve, such as to evaluate somebody."""
    return told.purpose != PURPOSE and told.decision == REFUSED


def _ends(told: ToldLook) -> bool:
    """Whether it was at what an erasure, or a share that is taken back, ends. What the roster has
    of a person stays, and so does that a partner looks for its receipts."""
    return told.kind in WORK_KINDS if told.person else told.service in SERVICES
