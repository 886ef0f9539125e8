"""What a service is asked to do when one thing that is about a person is to be erased.

The privacy service asks by an event, which holds for ten minutes: who hears of it later does
nothing, since there may be a legal hold by then, and is asked again. The service erases the
thing and then what is beside it, looks once more when whatever was begun meanwhile has ended,
and says so once its journal has forgotten all of it, as for an order about all that is a person's.
Where that takes longer it is asked again meanwhile: then it goes on with what it has begun, and
does not say that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from coaching.privacy.v1 import artifact_erasure_events_pb2 as published
from services.access import holds
from services.access.directory import ReadsManyAnew
from services.access.erasures import A_MOMENT, SECOND_LOOK, Hers
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import erase_each, every
from services.chassis.duties.receipt import Receipt, give_receipt
from services.chassis.kernel import Aggregate, Clock
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.words import words_of
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
LASTS = timedelta(minutes=10)  # what a service was asked
Beside = Callable[[Call, str], Awaitable[None]]
_KINDS = words_of(published.ArtifactKind.DESCRIPTOR)


@dataclass(frozen=True, slots=True)
class Erasable(Generic[A]):
    """A kind of which one may be erased alone. `goes`: whether one is hers; where she has ordered
    it herself (`own`), whether it is hers alone. `names`: on whom a legal hold keeps one. `beside`,
    `along`: what goes with one, by its id; a hold on whom the latter names keeps it, too. `leaves`:
    makes what takes the place of one that nothing keeps, for those whose it is, too, before it
    goes."""

    path: WritePath[A]
    goes: Callable[[Hers, bool, A], bool]
    names: Callable[[A], Iterable[str]]
    beside: Sequence[Beside] = ()
    along: Sequence[Along[Any]] = ()
    leaves: Callable[[Call, Hers, A], Awaitable[None]] | None = None

    async def is_kept(self, hers: Hers, each: A) -> bool:
        """By a legal hold on somebody else. Raises as `Hers.keeps`, and `every`."""
        names = [*self.names(each)]
        for one in self.along:
            async for goes_too in every(one.path, each.district, {one.by: each.id}, one.order):
                names += one.names(goes_too)
        return await hers.keeps(each, names)

    async def erase_beside(self, call: Call, id: str) -> None:
        for erase in self.beside:
            await erase(call, id)
        for one in self.along:
            await erase_each(one.path, call, {one.by: id}, lambda each: each.erase(), one.order)


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Those kinds of a service, and where it keeps what goes with any of them."""

    kinds: Mapping[str, Erasable[Any]]
    receipts: WritePath[Receipt]
    drafts: Drafts
    view: ReadsManyAnew
    clock: Clock


def hers_alone(
    path: WritePath[A],
    whose: Callable[[A], str],
    before: Callable[[A], str],
    names: Callable[[A], Iterable[str]],
    beside: Sequence[Beside] = (),
    stays: Callable[[A], bool] = lambda each: False,
    alone: Callable[[Hers, A], bool] = lambda hers, each: False,
    along: Sequence[Along[Any]] = (),
) -> Erasable[A]:
    """Of what has one teacher, and had one `before` two records became one. `stays`: what is the
    district's by now; `alone`: of hers, what nobody but she has had a part in."""

    def goes(hers: Hers, own: bool, each: A) -> bool:
        is_hers = whose(each) in hers.records and hers.has(before(each))
        return is_hers and not stays(each) and (not own or alone(hers, each))

    return Erasable(path, goes, names, beside, along)


async def erase_artifact(work: Artifacts, call: Call, todo: Todo) -> datetime | None:
    """Erase it where it is hers, and say of how many things. When to look again. Raises as
    `erase_each` and `Hers.of`."""
    said, now = todo.value, work.clock.now()
    kind, id_ = work.kinds[said["kind"]], str(said["artifact"])
    order = todo.aggregate
    which = (order, todo.version, said["asked_at"])
    if id_ not in await kind.path.erased(call, of=order):
        if now > said["asked_at"] + LASTS:
            return None
        hers = await Hers.of(work.view, call.district, todo)

        async def act(each: Aggregate) -> None:
            hers.kept.clear()
            # what is not hers to erase is not there for her, whoever else is held
            goes = kind.goes(hers, said["own"], each)
            if goes and not await kind.is_kept(hers, each):
                if kind.leaves is not None:
                    await kind.leaves(call, hers, each)
                each.erase()

        # it alone decides, once: what is beside it goes when it is gone, also where a run ends here
        await kind.path.erase(call, id_, act)
        if hers.kept:
            return None  # it is asked again
        if id_ not in await kind.path.erased(call, of=order):
            await give_receipt(work.receipts, call, *which, 0, now)
            return None
    await kind.erase_beside(call, id_)
    gone = await kind.path.erased(call, of=order)
    await work.drafts.erase_about(call.district, gone, now)
    if todo.looked_at is None:
        return now + SECOND_LOOK
    if len(await kind.path.erased(call, journaled=True, of=order)) < len(gone):
        return now + A_MOMENT
    await give_receipt(work.receipts, call, *which, len(gone), now)
    return None


def artifact_duties(kinds: Collection[str]) -> tuple[Duty[Artifacts], ...]:
    """Of a service which has these."""

    def asked(event: Event) -> Asked | None:
        message: Any = event.message
        said: published.ArtifactErasureSnapshot = message.artifact_erasure
        if event.envelope.key != f"{event.envelope.district}:{said.person_id}":
            raise InvalidEvent("the key names another person")
        kind = _KINDS.get(said.kind, "")
        if kind not in kinds:
            return None
        value = {
            "kind": kind,
            "artifact": said.artifact_id,
            "person": said.person_id,
            "records": list(said.record_ids),
            "own": said.own,
            "asked_at": said.asked_at.ToDatetime(UTC),
            "holds": holds.asked(said),
        }
        return Asked(event.envelope.occurred_at, value)

    begun = published.ArtifactErasureBegun.DESCRIPTOR.full_name
    asks: Mapping[str, Asks] = {begun: asked}
    return (Duty("erase_artifact", asks, erase_artifact),)
