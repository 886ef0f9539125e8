"""What every service is asked to do when what is about a person is to be erased.

The privacy service says so by an event; each service erases what it owns by a duty, looks once more
when whatever was begun before the order has ended, and then, once its journal has forgotten all of
it, says so itself, by an event of its own. What was begun after the order is not touched: a to-do
that runs again, years later, erases nothing of somebody who has come back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message

from coaching.privacy.v1 import erasure_events_pb2 as erasures
from services.access import holds, merges
from services.access.directory import ReadsManyAnew
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.duties.each import erase_each, unless_erased
from services.chassis.duties.receipt import Receipt, give_receipt, receipt_codec
from services.chassis.kernel import Aggregate, Fault, already_there
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.states import AggregateCodec
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
SECOND_LOOK = timedelta(seconds=45)  # longer than a request takes
AFTER_HOLD = timedelta(minutes=10)  # it is looked again at what a hold on somebody else keeps
A_MOMENT = timedelta(seconds=1)  # in which a relay publishes what has just been erased


@dataclass(frozen=True, slots=True)
class Hers:
    """Whose work an order is of: that of all `records` of hers which privacy knew when it began,
    since no legal hold was on any of these. What came to them from another record stays, which may
    be held, unless it is in `came_from`. `on_others`: the holds of which the order tells.
    `kept`: the ids of what is to go, and stays for now since a hold is on somebody else whom it
    names."""

    records: Sequence[str]
    came_from: frozenset[str]
    view: ReadsManyAnew
    district: str
    on_others: Sequence[holds.Told] = ()
    kept: set[str] = field(default_factory=set)

    @classmethod
    async def of(cls, view: ReadsManyAnew, district: str, todo: Todo) -> Hers:
        """Raises as `merges.gave_back` and `holds.told`. 1 database command for each record, and
        that of the latter."""
        told = await holds.told(view, district, todo.value, todo.aggregate, todo.version)
        records = list(dict.fromkeys((todo.value["person"], *todo.value.get("records", ()))))
        back = [await merges.gave_back(view, district, each) for each in records]
        return cls(records, frozenset(chain(records, *back)), view, district, told)

    def has(self, before: str) -> bool:
        """Whether it goes, of what one of the records has and somebody had `before`, or nobody."""
        return not before or before in self.came_from

    async def keeps(self, each: Aggregate, names: Iterable[str], hangs_on: str = "") -> bool:
        """Whether a legal hold on anybody else whom it `names` keeps what would go, whole and for
        now, and what it `hangs_on`. What is empty or a duty's name is nobody's. Raises as
        `holds.on_any`."""
        others = {name for name in names if name and ":" not in name} - {*self.records}
        known = each.id in self.kept
        if not known and not (others and await self._held(others)):
            return False
        self.kept.update({each.id, hangs_on} - {""})
        return True

    async def _held(self, others: Collection[str]) -> bool:
        return await holds.on_any(self.view, self.district, others, self.on_others)


class ErasesToo(Protocol):
    """How another room of a service erases what it has of somebody, for the same receipt."""

    async def __call__(self, call: Call, hers: Hers, ordered_at: datetime) -> None:
        """What is hers and was begun before the order. Raises as `erase_each`."""


@dataclass(frozen=True, slots=True)
class ToErase:
    """Where a service keeps what it is to erase, its receipts, and what people type; `too`: what
    other rooms of it have."""

    path: WritePath[Any]
    receipts: WritePath[Receipt]
    drafts: Drafts
    by: ByDate | None = None
    too: Sequence[ErasesToo] = ()


def receipts(carried_out: Callable[..., Message]) -> AggregateCodec[Receipt]:
    """Those of a service, by what it publishes of them: its own message `ErasureCarriedOut`."""

    def message(receipt: Receipt) -> Message:
        said = {
            "erasure_id": receipt.of,
            "erasure_version": receipt.of_version,
            "erased": receipt.done,
        }
        return carried_out(receipt=said)

    return receipt_codec(message)


async def carry_out(
    work: ToErase,
    call: Call,
    todo: Todo,
    now: datetime,
    hers: Hers,
    began: Callable[[Any], datetime],
    before: Callable[[Any], str],
    names: Callable[[Any], Iterable[str]],
    then: Callable[[str], Awaitable[None]] | None = None,
) -> datetime | None:
    """Erase what is hers and `began` before the order; `then`, by its id, what is beside one that
    is no more. `before`: whose it was before two records became one; `names`: on whom a legal hold
    keeps it, until whose end nothing is said to be done. So are drafts of hers, about
    her, and about each of these, also what somebody began to type about one of these in the instant
    in which it was erased. That it is done is said once the journal says no more of these than
    that, either. When to look again. Raises as `erase_each`, when all else is done."""
    ordered_at: datetime = todo.value["ordered_at"]
    if todo.looked_at is not None and not await _forgotten(work, call):
        return now + A_MOMENT  # while Kafka is away, say: nothing is read again and again meanwhile

    async def act(each: Aggregate) -> None:
        goes = began(each) <= ordered_at and hers.has(before(each))
        if goes and not await hers.keeps(each, names(each)):
            each.erase()

    unread: Fault | None = None
    try:  # before what they hang on: its end asks for theirs, and they would be counted there
        await first_to_last(erase(call, hers, ordered_at) for erase in work.too)
    except Fault as fault:
        unread = fault
    for record in hers.records:
        await work.drafts.erase(call.district, record, ordered_at, now, hers.came_from)
        try:
            await erase_each(work.path, call, {"teacher": record}, act, work.by)
        except Fault as fault:
            unread = fault
    gone = await work.path.erased(call)
    await work.drafts.erase_about(call.district, gone, now)
    if then is not None:
        for each in gone:
            await then(each)
    if unread is not None:
        raise unread
    if todo.looked_at is None:
        return now + SECOND_LOOK
    if hers.kept:
        return now + AFTER_HOLD
    if not await _forgotten(work, call):
        return now + A_MOMENT
    which = (todo.aggregate, todo.version, ordered_at)
    await give_receipt(work.receipts, call, *which, len(gone), now)
    return None


async def first_to_last(works: Iterable[Awaitable[None]]) -> None:
    """Each of them in its turn, whatever becomes of those before it: of several records of hers,
    say, all but the one of which something cannot be read. Raises what the last Fault was, when
    all are done."""
    unread: Fault | None = None
    for work in works:
        try:
            await work
        except Fault as fault:
            unread = fault
    if unread is not None:
        raise unread


class Restated(Protocol):
    """An aggregate that takes the place of one that is erased, for those whose it is, too."""

    id: str

    def restate(self, new: Any) -> None: ...


async def restate(path: WritePath[Any], call: Call, new: Restated) -> None:
    """What takes the place of one that goes is made before that goes. Done again, it is as what
    goes is then: of two who are erased at the same time, whoever was first."""
    call = replace(call, key="")
    try:
        await path.create(call, new)
    except Fault as fault:
        if not already_there(fault):
            raise
        changed = path.change(call, new.id, lambda known: known.restate(new))
        await unless_erased(path, call, new.id, changed)


def all_begun(
    path: WritePath[A],
    began: Callable[[A], datetime],
    before: Callable[[A], str],
    names: Callable[[A], Iterable[str]],
    by: ByDate,
    whose: str = "teacher",
    stays: Callable[[A], bool] = lambda each: False,
    hangs_on: Callable[[A], str] = lambda each: "",
) -> ErasesToo:
    """All in `path` that are hers, whom the field `whose` names, but for what `stays`; `began`,
    `before` and `names` as in `carry_out`, `hangs_on`: with the end of what it would go."""

    async def erase(call: Call, hers: Hers, ordered_at: datetime) -> None:
        async def act(each: A) -> None:
            goes = began(each) <= ordered_at and hers.has(before(each)) and not stays(each)
            if goes and not await hers.keeps(each, names(each), hangs_on(each)):
                each.erase()

        await first_to_last(
            erase_each(path, call, {whose: record}, act, by) for record in hers.records
        )

    return erase


async def _forgotten(work: ToErase, call: Call) -> bool:
    """Whether the journal says no more of anything that is gone. 2 database commands."""
    gone = await work.path.erased(call)
    return len(await work.path.erased(call, journaled=True)) >= len(gone)


def _asked(event: Event) -> Asked | None:
    message: Any = event.message
    said: erasures.ErasureSnapshot = message.erasure
    if event.envelope.key != f"{event.envelope.district}:{said.person_id}":
        raise InvalidEvent("the key names another person")
    if said.state != erasures.ERASURE_STATE_UNDER_WAY:
        return None
    ordered_at = said.ordered_at.ToDatetime(UTC)
    records = list(said.record_ids)
    value = {
        "person": said.person_id,
        "ordered_at": ordered_at,
        "records": records,
        "holds": holds.asked(said),
    }
    return Asked(event.envelope.occurred_at, value)


ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _asked
    for message in (erasures.ErasureOrdered, erasures.ErasureReleased, erasures.ErasureBegun)
}
