"""That a person has read what her district says about the use of coaching data."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate


class AcknowledgmentEvent(enum.StrEnum):
    MADE = "made"


@dataclass(kw_only=True)
class Acknowledgment(Aggregate):
    """The only one of its person and statement; it never changes."""

    statement: str
    person: str
    at: datetime

    def made(self) -> Acknowledgment:
        """Its one event."""
        self.record(AcknowledgmentEvent.MADE)
        return self
