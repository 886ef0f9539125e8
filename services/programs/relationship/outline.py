"""The words of relationships, and what became of earlier ones."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Fault, conflict, invalid


class RelationshipState(enum.StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


FURTHEST_LAST = (
    RelationshipState.DECLINED,
    RelationshipState.ENDED,
    RelationshipState.PROPOSED,
    RelationshipState.ACTIVE,
)


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
    """What became of an earlier proposal of the same year, or of what was carried over.
    `ended_by`: who ended or declined it, or which duty (`by_somebody`); empty where two records
    became one or were parted, and where an earlier build did not keep it."""

    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    carried_over_from: int | None
    ended_by: str = ""


WITH_ITS_YEAR = "duty:end_relationships"  # who ends what is over with its year and the grace


def by_somebody(ended_by: str) -> bool:
    """Whether that is a side or the district, and no duty. No id of a person has a colon."""
    return bool(ended_by) and ":" not in ended_by


def said(
    acknowledged: Collection[Acknowledgment], by: str, teacher: str
) -> tuple[Acknowledgment, ...]:
    """What counts as acknowledged: what the teacher says herself."""
    return tuple(sorted(set(acknowledged))) if by == teacher else ()


def shown(
    coach_sees: Collection[Work],
    by: str,
    teacher: str,
    now: tuple[Work, ...] = ALL_WORK,
) -> tuple[Work, ...]:
    """What the coach sees from now on: what the teacher says herself, else what it is `now`."""
    return tuple(sorted(set(coach_sees))) if coach_sees and by == teacher else now


def untold(teacher: bool) -> Fault:
    """That the coach leads, said to the `teacher` who may acknowledge it, or to the coach."""
    if teacher:
        detail = "This coach also leads or administers; say that you know and accept all the same."
        return invalid("acknowledgment_needed", detail, "/acknowledges")
    detail = "The teacher proposed without knowing that you lead; she has to propose it anew."
    return conflict("acknowledgment_needed", detail)
