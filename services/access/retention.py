"""Records of a class are kept for a time, where the data-use policy in force says so.

The privacy service keeps the clock: once a day it asks by an event, which says for how long, and on
whom a legal hold is. Each service counts what it has, erases what has had its time, and says so by
an event of its own. Without that question nothing is erased, so neither a service that hears of
nothing nor one that hears late goes on by what it has heard before.

A record has had its time so many days after its school year, and after it was worked on last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.retention_report import START, KeptPlace, RetentionReport, YearCount
from services.access.retention_round import ASKS, LASTS, RetentionRound, RoundEnded, check_in_force
from services.access.school_year import FIRST, goes_on, last_day, school_year_of
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import every
from services.chassis.kernel import Aggregate, Clock, Fault, already_there, if_there
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.quota import ToCount
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
B = TypeVar("B", bound=Aggregate)
BATCH = 50  # records that one run of the duty erases, well within its time
MOST_READ = 2_000  # records that stay, behind which a run keeps its place
MOST_COUNTED = 10_000_000


@dataclass(frozen=True, slots=True)
class Along(Generic[B]):
    """What is erased with a record: found by its id in `by`, which an index must hold, in `order`.
    `began`: the school year of each and when it was begun; its newest event counts beside. `names`:
    on whom a legal hold keeps it, and so the record. `kept_as`: the class that says for how long,
    where that is another one than the record's: as long as the district keeps it, so the record."""

    path: WritePath[B]
    by: str
    began: Callable[[B], tuple[int, datetime]]
    names: Callable[[B], Sequence[str]]
    order: ByDate | None = None
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class Retained(Generic[A]):
    """A class of records and where it is: an index must hold their school year. `whose`: about
    whom each is, or was before two records of one person became one. `last`: when something was
    done with it last, as far as it says itself (its newest event counts beside); None of one that
    is not over. `then`: what is to be done, by its id, once it is erased; the event that says so
    asks for it, too, for where this process ends before. A record stays as long as something
    goes `along` with it that has not had its own time."""

    name: str
    path: WritePath[A]
    reports: WritePath[RetentionReport]
    drafts: Drafts
    view: ReadsAnew
    days: Days
    clock: Clock
    whose: Callable[[A], Sequence[str]]
    last: Callable[[A], datetime | None]
    then: Callable[[Call, str], Awaitable[None]] | None = None
    along: Sequence[Along[Any]] = ()


def newest(*instants: datetime | None) -> datetime | None:
    """The newest of those that there are."""
    return max((each for each in instants if each is not None), default=None)


@dataclass(slots=True)
class _Found:
    """What a round has found so far: what stays, what it has erased, and where it is. `most`: how
    much may stay before it keeps its place."""

    most: int
    place: KeptPlace
    began: KeptPlace
    due: int = 0
    held: int = 0
    later: int = 0
    erased: int = 0
    whole: bool = True  # so far all could be read, and nothing has cut it short

    @classmethod
    def so_far(cls, known: RetentionReport | None, asked: RetentionRound) -> _Found:
        """By the report of this round, or where the one before could not go on."""
        if known is None:
            return cls(MOST_READ, START, START)
        if not _is_of(asked, known):
            return cls(MOST_READ, known.place, known.place)
        due, held, later = known.due, known.held, known.later
        return cls(MOST_READ + due + held + later, known.place, known.began, due, held, later)

    @property
    def full(self) -> bool:
        return self.due + self.held + self.later >= self.most


async def erase_expired(kept: Retained[A], call: Call, todo: Todo) -> datetime | None:
    """Erase what has had its time, some at a time, and say so. What was asked a while ago is not
    done any more, since there may be a legal hold of which the next question tells; nor what was
    under a version of the policy that is not in force now: what it has erased by then is said.
    Behind `MOST_READ` records that stay it keeps its place, and goes on there, or the next one."""
    asked, now = RetentionRound.of(todo, kept.name), kept.clock.now()
    if asked is None:
        return None
    id_ = kept.reports.derived_id(call.district, kept.name)
    known = await if_there(kept.reports.get(call.district, id_))
    found = _Found.so_far(known, asked)
    try:
        if now > asked.asked_at + LASTS:
            raise RoundEnded
        for year in asked.years:
            if year >= found.place.school_year:
                await _look(kept, call, asked, year, found)
            if found.erased >= BATCH:
                return now
            if found.full:
                await _report(kept, call, asked, found)
                return now
    except RoundEnded:
        if await kept.path.erased(call):
            found.whole = False
            await _report(kept, call, asked, found)
        return None
    found.place = START
    await _report(kept, call, asked, found)
    gone = await kept.path.erased(call)  # also by a run that ended in the middle
    await kept.drafts.erase_about(call.district, gone, kept.clock.now())
    return None


def _is_of(asked: RetentionRound, report: RetentionReport) -> bool:
    same = (report.retention, report.round) == (asked.retention, asked.number)
    return same and report.at >= asked.asked_at


async def _look(
    kept: Retained[A], call: Call, asked: RetentionRound, year: int, found: _Found
) -> None:
    after, more = found.place.after if year == found.place.school_year else "", True
    while more:
        page = await kept.path.find(call.district, {"school_year": year}, after, BATCH)
        for each in page.items:
            if found.full or found.erased >= BATCH:
                return
            await _take(kept, call, asked, each, found)
            found.place = KeptPlace(year, each.id)
        if page.left_out:  # of a newer build: it is erased by that
            found.whole = False
        after, more = page.after, bool(page.after)


async def _take(
    kept: Retained[A], call: Call, asked: RetentionRound, each: A, found: _Found
) -> None:
    if not await _has_had_its_time(kept, asked, each):
        found.later += 1
    elif await _is_held(kept, asked, each):
        found.held += 1
    elif asked.erases:
        await _erase(kept, call, asked, each.id)
        found.erased += 1
    else:
        found.due += 1


async def _has_had_its_time(kept: Retained[A], asked: RetentionRound, each: A) -> bool:
    known = kept.last(each)
    if known is None or not _is_over(kept, asked.today, asked.days, each, known):
        return False
    for along in kept.along:
        if not await _have_had_theirs(kept, asked, each, along):
            return False
    return True


def _is_over(kept: Retained[A], today: date, days: int, each: Aggregate, known: datetime) -> bool:
    last = max(known, each.last_event_at or known)
    return goes_on(kept.days.day_of(each.district, last), days) <= today


async def _have_had_theirs(
    kept: Retained[A], asked: RetentionRound, of: A, along: Along[B]
) -> bool:
    """One of a newer build may not have: it is looked at by that. Nor has one of a class that is
    kept for good."""
    days, after, more = asked.days_of(along.kept_as), "", True
    while more:
        page = await along.path.find(of.district, {along.by: of.id}, after, BATCH, along.order)
        for each in page.items:
            year, began = along.began(each)
            if days is None or goes_on(last_day(year), days) > asked.today:
                return False
            if not _is_over(kept, asked.today, days, each, began):
                return False
        if page.left_out:
            return False
        after, more = page.after, bool(page.after)
    return True


async def _is_held(kept: Retained[A], asked: RetentionRound, of: A) -> bool:
    if not asked.held.isdisjoint(kept.whose(of)):
        return True
    if asked.held:
        for along in kept.along:
            found = every(along.path, of.district, {along.by: of.id}, along.order)
            async for each in found:
                if not asked.held.isdisjoint(along.names(each)):
                    return True
    return False


async def _erase(kept: Retained[A], call: Call, asked: RetentionRound, id: str) -> None:
    """What was done with it in this instant counts: it stays then. So does what the version of the
    policy that is known now may keep: it is read when the record has been. What is beside it goes
    after it, or it would be gone from one that stays."""
    gone = False

    async def act(each: A) -> None:
        nonlocal gone
        gone = False
        await check_in_force(kept.view, call.district, asked.policy)
        if await _is_held(kept, asked, each) or not await _has_had_its_time(kept, asked, each):
            return
        each.erase()
        gone = True

    await kept.path.erase(call, id, act)
    if gone:
        await kept.drafts.erase_about(call.district, [id], kept.clock.now())
        if kept.then is not None:
            await kept.then(call, id)


async def _report(kept: Retained[A], call: Call, asked: RetentionRound, found: _Found) -> None:
    years = range(FIRST, school_year_of(asked.today) + 2)
    wanted = [ToCount({"school_year": each}, MOST_COUNTED) for each in years]
    counts = zip(years, await kept.path.counts(call.district, wanted), strict=True)
    said = RetentionReport(
        id=kept.reports.derived_id(call.district, kept.name),
        district=call.district,
        retention=asked.retention,
        of=kept.name,
        round=asked.number,
        at=kept.clock.now(),
        years=tuple(YearCount(year, count) for year, count in counts if count),
        due=found.due,
        held=found.held,
        later=found.later,
        erased=len(await kept.path.erased(call)),
        complete=found.whole and START == found.place == found.began,
        place=found.place,
        began=found.began,
    )
    call = replace(call, key=f"{call.key}:{found.place.after}:{found.whole}")
    try:
        await kept.reports.create(call, replace(said).said())
    except Fault as fault:
        if not already_there(fault):
            raise
        await kept.reports.change(call, said.id, lambda known: known.say(said))


DUTIES: tuple[Duty[Retained[Any]], ...] = (Duty("erase_expired", ASKS, erase_expired),)
