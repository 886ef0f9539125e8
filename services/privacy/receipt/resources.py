"""Answers about receipts, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource
from services.privacy.receipt.domain import DeletionReceipt, ReceiptCause, ReceiptState


class ReceiptResource(Acted):
    """`kinds` are as looks name them, and `goals.journal` and its like where the partner read all
    that a service had published."""

    receipt_id: str
    partner_id: str
    person_id: str
    person_name: str | None = name_of("person_id")
    cause: ReceiptCause = Field(description="Why it was opened")
    artifact_id: str | None = Field(
        description="What is to be deleted; null: everything about the person"
    )
    kinds: list[str] = Field(description="What the partner has read")
    read_from: datetime = Field(description="Since when it has read that")
    read_until: datetime = Field(description="What was read before is to be deleted")
    state: ReceiptState
    opened_at: datetime = Field(description="When the partner was first asked")
    due_at: datetime = Field(description="By when it is to have deleted")
    confirmed_at: datetime | None = Field(description="When it was confirmed; null before")
    confirmed_by: str | None = Field(
        description="Who said so: the partner, or an administrator for it; null before"
    )
    version: int


class ReceiptPage(PageResource):
    receipts: list[ReceiptResource]


def receipt_resource(receipt: DeletionReceipt) -> ReceiptResource:
    """What a partner's program is to delete of what it has read, and whether it has."""
    return ReceiptResource(
        receipt_id=receipt.id,
        partner_id=receipt.partner,
        person_id=receipt.person,
        cause=receipt.cause,
        artifact_id=receipt.artifact or None,
        kinds=list(receipt.kinds),
        read_from=receipt.read_from,
        read_until=receipt.read_until,
        state=receipt.state,
        opened_at=receipt.opened_at,
        due_at=receipt.due_at,
        confirmed_at=receipt.confirmed_at,
        confirmed_by=receipt.confirmed_by or None,
        version=receipt.version,
    )
