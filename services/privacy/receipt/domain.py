"""A receipt: that a partner's program has deleted what it had read of a person's.

It is opened when what is about her is erased, or she takes back a share, for each partner that had
read the like of it before. What a partner has copied is out of reach: it can only be asked, by a
day, and be kept out once that is over.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict


class ReceiptState(enum.StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"


class ReceiptEvent(enum.StrEnum):
    OPENED = "opened"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"


class ReceiptCause(enum.StrEnum):
    ERASURE = "erasure"
    SHARE_REVOKED = "share_revoked"


@dataclass(kw_only=True)
class DeletionReceipt(Aggregate):
    """`partner` has read `kinds` about `person` since `read_from`, and is to delete by `due_at`
    what it had until `read_until`: the `artifact`, or everything where that is empty. `kinds` are
    as looks name them, and `goals.journal` and its like where it read all that a service had
    published."""

    partner: str
    person: str
    cause: ReceiptCause
    artifact: str
    kinds: tuple[str, ...]
    read_from: datetime
    read_until: datetime
    opened_at: datetime
    due_at: datetime
    state: ReceiptState = ReceiptState.OPEN
    confirmed_at: datetime | None = None
    confirmed_by: str = ""

    def opened(self) -> DeletionReceipt:
        """With its first event."""
        self.record(ReceiptEvent.OPENED)
        return self

    def fall_due(self, at: datetime) -> None:
        """Note that its time is over, where it is. What is confirmed stays so."""
        if self.state is ReceiptState.OPEN and at >= self.due_at:
            self.state = ReceiptState.OVERDUE
            self.record(ReceiptEvent.OVERDUE)

    def confirm(self, by: str, at: datetime) -> None:
        """All that it names is deleted."""
        self.check_confirm(by, at)
        self.state, self.confirmed_at, self.confirmed_by = ReceiptState.CONFIRMED, at, by
        self.record(ReceiptEvent.CONFIRMED)

    def check_confirm(self, by: str, at: datetime) -> None:
        if self.confirmed:
            raise conflict("already_confirmed", "That is confirmed already.")

    @property
    def confirmed(self) -> bool:
        return self.state is ReceiptState.CONFIRMED
