"""Records of a class are kept for a time, where the data-use policy in force says so.

The privacy service keeps the clock: once a day it asks by an event, which says for how long, and on
whom a legal hold is. Each service counts what it has, erases what has had its time, and says so by
an event of its own. Without that question nothing is erased, so neither a service that hears of
nothing nor one that hears late goes on by what it has heard before.

A record has had its time when so many days have passed after the last of its school year, and after
the last thing that was done with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from coaching.privacy.v1 import retention_events_pb2 as retentions
from services.access.days import Days
from services.access.school_year import FIRST, goes_on, last_day, school_year_of
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Aggregate, Clock, Fault, Kind
from services.chassis.views.projection import Event
from services.chassis.write.documents import Scalar
from services.chassis.write.drafts import Drafts
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent, WritePath

A = TypeVar("A", bound=Aggregate)
LASTS = timedelta(minutes=10)  # a round: what is not erased then waits for the next one
BATCH = 50  # records that one run of the duty erases, well within its time
MOST_READ = 2_000  # records that a run looks at and that stay
MOST_COUNTED = 10_000_000
REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many records of a school year there are."""

    school_year: int
    records: int


@dataclass(kw_only=True)
class RetentionReport(Aggregate):
    """What a service has found last of the class of records `of`, of which a district has one such
    report. The numbers are those of `RetentionReport` in its events."""

    retention: str
    of: str
    round: int
    at: datetime
    years: tuple[YearCount, ...] = ()
    due: int = 0
    held: int = 0
    later: int = 0
    erased: int = 0
    complete: bool = True

    def said(self) -> RetentionReport:
        """Its first event."""
        self.record(REPORTED)
        return self

    def say(self, other: RetentionReport) -> None:
        """The same as of another round; nothing of one that was before."""
        if other.at < self.at:
            return
        self.retention, self.round, self.at = other.retention, other.round, other.at
        self.years, self.due, self.held = other.years, other.due, other.held
        self.later, self.erased, self.complete = other.later, other.erased, other.complete
        self.record(REPORTED)


@dataclass(frozen=True, slots=True)
class Retained(Generic[A]):
    """A class of records and where it is: an index must hold their school year. `whose`: about
    whom each is, or was before two records of one person became one. `last`: when something was
    done with it last, as far as it says itself (its newest event counts beside); None of one that
    is not over. `first`: what is to be done before it is
    erased."""

    name: str
    path: WritePath[A]
    reports: WritePath[RetentionReport]
    drafts: Drafts
    days: Days
    clock: Clock
    whose: Callable[[A], Sequence[str]]
    last: Callable[[A], datetime | None]
    first: Callable[[Call, A], Awaitable[None]] | None = None


def reports_of(reported: Callable[..., Message]) -> AggregateCodec[RetentionReport]:
    """Those of a service, by what it publishes of them: its own message `RetentionReported`."""

    def encode(report: RetentionReport, _: Any) -> EncodedEvent:
        said = {
            "retention_id": report.retention,
            "round": report.round,
            "record": report.of,
            "years": [
                {"school_year": each.school_year, "records": each.records} for each in report.years
            ],
            "due": report.due,
            "held": report.held,
            "later": report.later,
            "erased": report.erased,
            "complete": report.complete,
        }
        return encoded(reported(report=said), (f"{report.district}:{report.id}",))

    return AggregateCodec("retention_report", RetentionReport, encode)


def newest(*instants: datetime | None) -> datetime | None:
    """The newest of those that there are."""
    return max((each for each in instants if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Round:
    """What was asked for, of one class of records."""

    retention: str
    number: int
    asked_at: datetime
    today: date
    days: int
    erases: bool
    held: frozenset[str]

    @classmethod
    def of(cls, todo: Todo, name: str) -> _Round | None:
        """None where the class is kept for good."""
        value = todo.value
        if name not in value["days"]:
            return None
        return cls(
            todo.aggregate,
            value["round"],
            value["asked_at"],
            date.fromisoformat(value["day"]),
            value["days"][name],
            value["erases"],
            frozenset(value["held"]),
        )

    @property
    def years(self) -> Sequence[int]:
        """School years whose records may have had their time."""
        until = school_year_of(self.today)
        return [
            each for each in range(FIRST, until) if goes_on(last_day(each), self.days) <= self.today
        ]


@dataclass(slots=True)
class _Found:
    """What one run has found: what stays, and what it has erased."""

    due: int = 0
    held: int = 0
    later: int = 0
    erased: int = 0
    complete: bool = True

    @property
    def stay(self) -> int:
        return self.due + self.held + self.later

    @property
    def more(self) -> bool:
        return self.erased >= BATCH


async def erase_expired(kept: Retained[A], call: Call, todo: Todo) -> datetime | None:
    """Erase what has had its time, some at a time, and say so. What was asked a while ago is not
    done any more: a legal hold may be there since, of which the next question tells."""
    asked, now = _Round.of(todo, kept.name), kept.clock.now()
    if asked is None or now > asked.asked_at + LASTS:
        return None
    found = _Found()
    for year in asked.years:
        await _look(kept, call, asked, year, found)
        if found.more:
            return now
        if not found.complete:
            break
    await _report(kept, call, asked, found)
    return None


async def _look(kept: Retained[A], call: Call, asked: _Round, year: int, found: _Found) -> None:
    after, more = "", True
    while more and not found.more:
        page = await kept.path.find(call.district, {"school_year": year}, after, BATCH)
        for each in page.items:
            await _take(kept, call, asked, each, found)
            if found.more or not found.complete:
                return
        if page.left_out:  # of a newer build: it is erased by that
            found.complete = False
        after, more = page.after, bool(page.after)


async def _take(kept: Retained[A], call: Call, asked: _Round, each: A, found: _Found) -> None:
    if found.stay >= MOST_READ:
        found.complete = False
    elif not _has_had_its_time(kept, asked, each):
        found.later += 1
    elif not asked.held.isdisjoint(kept.whose(each)):
        found.held += 1
    elif asked.erases:
        await _erase(kept, call, asked, each.id)
        found.erased += 1
    else:
        found.due += 1


def _has_had_its_time(kept: Retained[A], asked: _Round, each: A) -> bool:
    known = kept.last(each)
    if known is None:
        return False
    last = max(known, each.last_event_at or known)
    return goes_on(kept.days.day_of(each.district, last), asked.days) <= asked.today


async def _erase(kept: Retained[A], call: Call, asked: _Round, id: str) -> None:
    """What was done with it in this instant counts: it stays then."""

    async def act(each: A) -> None:
        held = not asked.held.isdisjoint(kept.whose(each))
        if held or not _has_had_its_time(kept, asked, each):
            return
        if kept.first is not None:
            await kept.first(call, each)
        await kept.drafts.erase_about(call.district, [each.id], kept.clock.now())
        each.erase()

    await kept.path.erase(call, id, act)


@dataclass(frozen=True, slots=True)
class _OfYear:
    where: Mapping[str, Scalar]
    most: int = MOST_COUNTED
    unless: Mapping[str, Scalar] = field(default_factory=dict)


async def _report(kept: Retained[A], call: Call, asked: _Round, found: _Found) -> None:
    years = range(FIRST, school_year_of(asked.today) + 2)
    wanted = [_OfYear({"school_year": each}) for each in years]
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
        complete=found.complete,
    )
    try:
        await kept.reports.create(call, replace(said).said())
    except Fault as fault:
        if (fault.kind, fault.code) != (Kind.CONFLICT, "already_exists"):
            raise
        await kept.reports.change(call, said.id, lambda known: known.say(said))


def _asked(event: Event) -> Asked:
    message: Any = event.message
    said: retentions.RetentionSnapshot = message.retention
    asked_at = said.asked_at.ToDatetime(UTC)
    value = {
        "round": said.round,
        "asked_at": asked_at,
        "day": said.day,
        "days": {each.record: each.days for each in said.terms},
        "erases": said.erases,
        "held": list(said.held_person_ids),
    }
    return Asked(event.envelope.occurred_at, value)


ASKS: Mapping[str, Asks] = {retentions.RetentionAsked.DESCRIPTOR.full_name: _asked}
DUTIES: tuple[Duty[Retained[Any]], ...] = (Duty("erase_expired", ASKS, erase_expired),)
