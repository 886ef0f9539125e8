"""Receipts: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.privacy.v1 import receipt_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.receipt.domain import DeletionReceipt, ReceiptEvent, ReceiptState

RECEIPT_EVENTS = messages_of(published.DESCRIPTOR, "Receipt", ReceiptEvent)
_STATES = numbers_of(ReceiptState, published.ReceiptState.DESCRIPTOR)


def receipt_snapshot(receipt: DeletionReceipt) -> published.ReceiptSnapshot:
    """Not whom it is about, nor what was read: who follows events would learn what others read."""
    return published.ReceiptSnapshot(
        receipt_id=receipt.id,
        partner_id=receipt.partner,
        state=_STATES[receipt.state],
        opened_at=stamp(receipt.opened_at),
        due_at=stamp(receipt.due_at),
        confirmed_at=stamp(receipt.confirmed_at),
    )


def encode_receipt(receipt: DeletionReceipt, event: ReceiptEvent) -> EncodedEvent:
    message = RECEIPT_EVENTS[event](receipt=receipt_snapshot(receipt))
    return encoded(message, keys_about(receipt.district, receipt.id))


RECEIPTS = AggregateCodec("receipt", DeletionReceipt, encode_receipt)
