"""What a service is asked to do when one thing that is about a person is to be erased.

The privacy service asks by an event, which holds for ten minutes: who hears of it later does
nothing, since there may be a legal hold by then, and is asked again. The service erases what is
beside the thing and then the thing, looks once more when whatever was begun meanwhile has ended,
and says so once its journal has forgotten all of it, as for an order about all that is a person's.
Where that takes longer it is asked again meanwhile: then it goes on with what it has begun, and
does not say that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from coaching.privacy.v1 import artifact_erasure_events_pb2 as published
from services.access.directory import ReadsAnew
from services.access.erasures import A_MOMENT, SECOND_LOOK, Hers
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import erase_each
from services.chassis.duties.receipt import Receipt, give_receipt
from services.chassis.kernel import Aggregate, Clock, if_there
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.words import words_of
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
B = TypeVar("B", bound=Aggregate)
LASTS = timedelta(minutes=10)  # what a service was asked
Beside = Callable[[Call, str], Awaitable[None]]
_KINDS = words_of(published.ArtifactKind.DESCRIPTOR)


@dataclass(frozen=True, slots=True)
class Erasable(Generic[A]):
    """A kind of which one may be erased alone. `goes`: whether one is hers; where she has ordered
    it herself (`own`), whether it is hers alone. `beside`: what goes with one, by its id."""

    path: WritePath[A]
    goes: Callable[[Call, Hers, bool, A], Awaitable[bool]]
    beside: Sequence[Beside] = ()


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Those kinds of a service, and where it keeps what goes with any of them."""

    kinds: Mapping[str, Erasable[Any]]
    receipts: WritePath[Receipt]
    drafts: Drafts
    view: ReadsAnew
    clock: Clock


def hers_alone(
    path: WritePath[A],
    whose: Callable[[A], str],
    before: Callable[[A], str],
    beside: Sequence[Beside] = (),
    stays: Callable[[A], bool] = lambda each: False,
    alone: Callable[[Hers, A], bool] = lambda hers, each: False,
) -> Erasable[A]:
    """Of what has one teacher, and had one `before` two records became one. `stays`: what is the
    district's by now; `alone`: of hers, what nobody but she has had a part in."""

    async def goes(call: Call, hers: Hers, own: bool, each: A) -> bool:
        is_hers = whose(each) in hers.records and hers.has(before(each))
        return is_hers and not stays(each) and (not own or alone(hers, each))

    return Erasable(path, goes, beside)


def along(path: WritePath[B], by: str) -> Beside:
    """All in `path` that name it in `by`, which an index must hold."""

    async def erase(call: Call, id: str) -> None:
        await erase_each(path, call, {by: id}, lambda each: each.erase())

    return erase


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
            if await kind.goes(call, hers, said["own"], each):
                each.erase()

        found = await if_there(kind.path.get(call.district, id_))
        if found is not None and await kind.goes(call, hers, said["own"], found):
            for erase in kind.beside:  # first: as long as any of it stays, so does the thing
                await erase(call, id_)
            await kind.path.erase(call, id_, act)
        if id_ not in await kind.path.erased(call, of=order):
            await give_receipt(work.receipts, call, *which, 0, now)
            return None
    for erase in kind.beside:
        await erase(call, id_)
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
        }
        return Asked(event.envelope.occurred_at, value)

    begun = published.ArtifactErasureBegun.DESCRIPTOR.full_name
    asks: Mapping[str, Asks] = {begun: asked}
    return (Duty("erase_artifact", asks, erase_artifact),)
