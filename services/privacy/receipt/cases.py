"""What callers do with receipts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from operator import attrgetter

from services.access.about import About
from services.access.guarded import Guarded
from services.access.merges import kept_of
from services.access.profile import People
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id, IdOrMe
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.privacy.receipt.domain import DeletionReceipt, ReceiptCause, ReceiptState

BY_DATE = ByDate("due_at", within=("state", "person", "partner", "cause"), order=Order.OLDEST)


NO_PERSON = ""  # in place of one, of a partner's program


@dataclass(frozen=True, slots=True)
class Ports:
    receipts: Guarded[DeletionReceipt]
    people: People
    names: Names
    clock: Clock


def about(people: People) -> Callable[[DeletionReceipt], Awaitable[About]]:
    """Of a person and of one partner: no other one learns that there is such a thing. What she has
    shared, and taken back, is not the district's to know."""

    async def of(receipt: DeletionReceipt) -> About:
        kept = await kept_of(people, receipt.district, receipt.person)
        shown = (NO_PERSON, receipt.person, kept)

        def visible_to(person: str) -> bool:
            return receipt.cause is ReceiptCause.ERASURE or person in shown

        return About(parties=(receipt.person,), visible_to=visible_to, partner=receipt.partner)

    return of


async def confirm_deletion(ports: Ports, call: Call, receipt_id: Id) -> DeletionReceipt:
    """Say that all that a receipt names is deleted, wherever it was copied to.

    The partner says it of its own. Of what was erased an administrator may say it for a partner
    that has told her otherwise. With the last that was overdue the partner's tokens count again."""
    by, at = call.principal.id, ports.clock.now()
    return await ports.receipts.change(call, receipt_id, lambda each: each.confirm(by, at))


async def list_receipts(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    state: ReceiptState | None = None,
    after: str,
    limit: int,
) -> Found[DeletionReceipt]:
    """What partners' programs are to delete and whether they have, the next to fall due first.

    To a partner its own, to a person those about her and about any record that was given up for
    hers, to the district those of what was erased."""
    partner = call.principal.partner
    person = person_id or await ports.receipts.own_or_all(call)
    kept = await kept_of(ports.people, call.district, person) if person else ""
    own = partner or (person and kept == call.principal.person)
    cause = None if own else ReceiptCause.ERASURE
    asked = where(state=state, person=person or None, partner=partner or None, cause=cause)
    if person and not partner:
        hers = About(parties=(person,))
        return await ports.receipts.find(call, hers, asked, after, limit, by=BY_DATE)
    whose, find = attrgetter("person"), ports.receipts.find_of_many
    return await find(call, About(), asked, after, limit, whose, BY_DATE)
