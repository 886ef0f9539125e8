"""The words of relationships, and what became of earlier ones."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class RelationshipState(enum.StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class RelationshipEvent(enum.StrEnum):
    PROPOSED = "proposed"
    CARRIED_OVER = "carried_over"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"
    TRANSFERRED = "transferred"


class Acknowledgment(enum.StrEnum):
    """What a teacher has been told about her coach and agrees to all the same."""

    COACH_LEADS = "coach_leads"  # she also leads a school or administers


class Work(enum.StrEnum):
    """What a teacher does of which her coach may see something."""

    GOALS = "goals"
    OBSERVATIONS = "observations"
    SURVEYS = "surveys"


ALL_WORK = tuple(sorted(Work))


@dataclass(frozen=True, slots=True)
class Round:
    """What became of an earlier proposal of the same year, or of what was carried over."""

    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    carried_over_from: int | None
