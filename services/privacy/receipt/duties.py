"""What is asked of partners by itself: receipts are opened when what they have read is no more or
taken back, fall due, and keep a partner out until they are confirmed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from coaching.goals.v1 import share_events_pb2 as goals
from coaching.observations.v1 import share_events_pb2 as observations
from coaching.privacy.v1 import artifact_erasure_events_pb2 as artifacts
from coaching.privacy.v1 import erasure_events_pb2 as erasures
from coaching.privacy.v1 import receipt_events_pb2 as receipts
from coaching.surveys.v1 import share_events_pb2 as surveys
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.merges import records_of
from services.access.policy import WORK_KINDS
from services.access.profile import ALL_WORK
from services.access.registered import registration_id
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock, Fault, already_there, if_there
from services.chassis.views.projection import Event
from services.chassis.words import words_of
from services.chassis.write.write_path import WritePath
from services.privacy.artifact_erasure.domain import ArtifactKind
from services.privacy.erasure.domain import SERVICES
from services.privacy.look.domain import JOURNAL, PartnerRead
from services.privacy.partner.domain import Partner, PartnerState
from services.privacy.receipt.domain import DeletionReceipt, ReceiptCause, ReceiptState

LATE = timedelta(hours=1)  # that a look may take to be collected, once what asks for this is read
_NEVER = datetime.min.replace(tzinfo=UTC)  # of what did not begin by being shared
ROOM = timedelta(days=1)  # until it is looked again whether there is some
# Of whatever kind: also where an older build has noted what it reads of the roster.
ALL: Sequence[str] = (*sorted(WORK_KINDS), *(f"{each}.{JOURNAL}" for each in SERVICES))


class PartnersWhoRead(Protocol):
    async def partners_of(
        self, district: str, people: Collection[str], artifact: str = ""
    ) -> Sequence[PartnerRead]:
        """What partners have read about these people, and what about everybody. With an `artifact`,
        of what was read by itself that one alone."""


@dataclass(frozen=True, slots=True)
class DutyPorts:
    receipts: WritePath[DeletionReceipt]
    partners: WritePath[Partner]
    readers: PartnersWhoRead
    view: ReadsAnew
    days: Days
    clock: Clock


def _erased(event: Event) -> Asked:
    message: Any = event.message
    said: erasures.ErasureSnapshot = message.erasure
    value = _value(event, said.person_id, ReceiptCause.ERASURE, "", ALL)
    return Asked(event.envelope.occurred_at, value)


def _beside(kind: str) -> Sequence[str]:
    """By what else a partner was shown things of a kind: a caseload has what a card shows."""
    return ("caseload",) if kind in ALL_WORK else ()


_ARTIFACTS = words_of(artifacts.ArtifactKind.DESCRIPTOR)


def _artifact_erased(event: Event) -> Asked:
    message: Any = event.message
    said: artifacts.ArtifactErasureSnapshot = message.artifact_erasure
    kind = ArtifactKind(_ARTIFACTS[said.kind])
    kinds = (kind.value, *_beside(kind.value), f"{kind.service}.{JOURNAL}")
    value = _value(event, said.person_id, ReceiptCause.ERASURE, said.artifact_id, kinds)
    return Asked(event.envelope.occurred_at, value)


def _goal_taken_back(event: Event) -> Asked:
    message: Any = event.message
    said: goals.GoalShareSnapshot = message.share
    kinds = ("goal", *_beside("goal"), f"goals.{JOURNAL}")
    return _taken_back(event, said, said.goal_id, kinds)


def _observation_taken_back(event: Event) -> Asked:
    message: Any = event.message
    said: observations.ObservationShareSnapshot = message.share
    kinds = ("observation", *_beside("observation"), f"observations.{JOURNAL}")
    return _taken_back(event, said, said.observation_id, kinds)


def _results_taken_back(event: Event) -> Asked:
    message: Any = event.message
    said: surveys.AdministrationShareSnapshot = message.share
    kinds = ("administration", *_beside("administration"), f"surveys.{JOURNAL}")
    return _taken_back(event, said, said.administration_id, kinds)


def _taken_back(event: Event, share: Any, artifact: str, kinds: Sequence[str]) -> Asked:
    value = _value(event, share.teacher_id, ReceiptCause.SHARE_REVOKED, artifact, kinds)
    since = share.created_at.ToDatetime(UTC)
    return Asked(event.envelope.occurred_at, value | {"since": since})


def _value(
    event: Event, person: str, cause: ReceiptCause, artifact: str, kinds: Sequence[str]
) -> dict[str, Any]:
    return {
        "person": person,
        "cause": cause.value,
        "artifact": artifact,
        "kinds": list(kinds),
        "at": event.envelope.occurred_at,
    }


async def open_receipts(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """One for each partner that has read it before, or the like of it in lists and journals; of
    what was shared, while it was. Looks are collected a moment after they were told, so it looks
    again later: for whoever was not known to have read. What was read about a record that is given
    up for hers was about her."""
    said, now = todo.value, ports.clock.now()
    until: datetime = said["at"].astimezone(UTC)
    erased = said["cause"] == ReceiptCause.ERASURE  # which is of all records of hers
    records = await records_of(ports.view, call.district, said["person"], whichever=erased)
    found = await ports.readers.partners_of(call.district, records, said["artifact"])
    since = said["since"].astimezone(UTC) if "since" in said else _NEVER
    read: dict[str, list[PartnerRead]] = {}
    for each in found:
        before = since <= each.last_at and each.first_at <= until
        if before and each.kind in (said["kinds"] or ALL):
            read.setdefault(each.partner, []).append(each)
    days = ports.days.districts.of(call.district).partners_delete_within_days
    for partner, reads in sorted(read.items()):
        parts = (partner, said["cause"], todo.aggregate, str(todo.version))
        new = DeletionReceipt(
            id=ports.receipts.derived_id(call.district, *parts),
            district=call.district,
            partner=partner,
            person=said["person"],
            cause=ReceiptCause(said["cause"]),
            artifact=said["artifact"],
            kinds=tuple(sorted({each.kind for each in reads})),
            read_from=min(each.first_at for each in reads),
            read_until=until,
            opened_at=now,
            due_at=now + timedelta(days=days),
        )
        await ports.receipts.create(call, new.opened())
    return now + LATE if todo.looked_at is None else None


def _opened(event: Event) -> Asked:
    message: Any = event.message
    return Asked(message.receipt.due_at.ToDatetime(UTC), {})


async def keep_out_late_partner(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Whose receipt is overdue opens nothing but its receipts. One that is confirmed in the same
    moment does not keep it out; one more than a registration holds waits until others do not. Whom
    nobody has registered is noted for it, with its client alone; who is revoked has nothing that
    could be closed."""
    now = ports.clock.now()
    known = await ports.receipts.get(call.district, todo.aggregate)
    if now < known.due_at and known.state is ReceiptState.OPEN:
        return known.due_at
    due = await ports.receipts.change(call, todo.aggregate, lambda each: each.fall_due(now))
    if due.confirmed:  # perhaps beside one that fell behind by it, and ended before it looked again
        await _let_in(ports, replace(call, key=f"{call.key}:confirmed"), due)
        return None
    partner = registration_id(call.district, due.partner)
    known_as = await _known_as(ports, call, due, partner)
    if known_as.state is PartnerState.REVOKED:
        return None
    if not known_as.has_room and due.id not in known_as.overdue:
        return now + ROOM
    await ports.partners.change(call, partner, lambda each: each.fall_behind(due.id))
    known = await ports.receipts.get(call.district, todo.aggregate)
    if known.confirmed:
        await _let_in(ports, replace(call, key=f"{call.key}:confirmed"), known)
    return None


async def _known_as(
    ports: DutyPorts, call: Call, receipt: DeletionReceipt, partner: str
) -> Partner:
    """The partner, noted by its overdue receipt where nobody has registered it."""
    found = await if_there(ports.partners.get(call.district, partner))
    if found is not None:
        return found
    at = ports.clock.now()
    new = Partner.unregistered(partner, call.district, receipt.partner, receipt.id, at)
    try:
        return await ports.partners.create(call, new)
    except Fault as fault:
        if not already_there(fault):
            raise
    return await ports.partners.get(call.district, partner)


def _confirmed(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def let_in_prompt_partner(ports: DutyPorts, call: Call, todo: Todo) -> None:
    """What kept it out keeps it out no more."""
    await _let_in(ports, call, await ports.receipts.get(call.district, todo.aggregate))


async def _let_in(ports: DutyPorts, call: Call, receipt: DeletionReceipt) -> None:
    partner = registration_id(call.district, receipt.partner)
    await if_there(
        ports.partners.change(call, partner, lambda each: each.catch_up(receipt.id)),
    )


_OPENS: Mapping[str, Asks] = {
    erasures.ErasureDone.DESCRIPTOR.full_name: _erased,
    artifacts.ArtifactErasureDone.DESCRIPTOR.full_name: _artifact_erased,
    goals.GoalShareRevoked.DESCRIPTOR.full_name: _goal_taken_back,
    observations.ObservationShareRevoked.DESCRIPTOR.full_name: _observation_taken_back,
    surveys.AdministrationShareRevoked.DESCRIPTOR.full_name: _results_taken_back,
}
DUTIES = (
    Duty("open_receipts", _OPENS, open_receipts),
    Duty(
        "keep_out_late_partner",
        {receipts.ReceiptOpened.DESCRIPTOR.full_name: _opened},
        keep_out_late_partner,
    ),
    Duty(
        "let_in_prompt_partner",
        {receipts.ReceiptConfirmed.DESCRIPTOR.full_name: _confirmed},
        let_in_prompt_partner,
    ),
)
