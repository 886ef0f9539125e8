"""What a district says about the use of coaching data: who sees what, for what, and for how long.

A published statement never changes, so that whoever acknowledged it has read these words; a
better one is another statement.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict

MOST_STATEMENTS = 200  # of a district, with those that were withdrawn


class StatementState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # a draft that should not have been


class StatementEvent(enum.StrEnum):
    DRAFTED = "drafted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(kw_only=True)
class StatementSummary(Aggregate):
    """What a list shows of a statement: all but its text."""

    title: str
    drafted_by: str
    drafted_at: datetime
    state: StatementState = StatementState.DRAFT
    published_at: datetime | None = None

    def check_draft(self, by: str, at: datetime) -> None:
        if self.state is not StatementState.DRAFT:
            raise conflict("not_draft", "The statement is no draft any more and does not change.")


@dataclass(kw_only=True)
class Statement(StatementSummary):
    text: str

    def drafted(self) -> Statement:
        """The first event of a new statement."""
        self.record(StatementEvent.DRAFTED)
        return self

    def publish(self, by: str, at: datetime) -> None:
        """Publish a draft. It holds from now on, beside those that were published before."""
        self.check_draft(by, at)
        self.state = StatementState.PUBLISHED
        self.published_at = at
        self.record(StatementEvent.PUBLISHED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back a draft."""
        self.check_draft(by, at)
        self.state = StatementState.WITHDRAWN
        self.record(StatementEvent.WITHDRAWN)

    @property
    def published(self) -> bool:
        return self.state is StatementState.PUBLISHED
