"""What was seen elsewhere and speaks of a goal or of what was tried: links to it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.corrections import Voidable, check_counts, voided
from services.chassis.kernel import Fault, Kind, conflict, not_found


class GoalEvidenceKind(enum.StrEnum):
    SURVEY = "survey"
    STUDENT_WORK = "student_work"
    OBSERVATION = "observation"


@dataclass(frozen=True, slots=True)
class Evidence(Voidable):
    """What speaks of it and is another service's: `of` is its id there. Whether it is there, and
    who sees it, that service knows. The number of a link is its place among all, from 1."""

    kind: GoalEvidenceKind
    of: str
    by: str
    at: datetime


def counting(links: Sequence[Evidence]) -> list[Evidence]:
    """Those that were not voided, oldest first."""
    return [each for each in links if each.voided_at is None]


def number_of(links: Sequence[Evidence], kind: GoalEvidenceKind, of: str) -> int:
    """Of the link to something that counts; 0 where there is none."""
    for number, each in enumerate(links, 1):
        if each.voided_at is None and (each.kind, each.of) == (kind, of):
            return number
    return 0


def taken_back(
    links: Sequence[Evidence], number: int, owner: str, by: str, at: datetime
) -> tuple[Evidence, ...]:
    """One of them counts no longer, as who made it or the owner says. Raises NOT_FOUND for a number
    that there is not, FORBIDDEN `author_only`, CONFLICT `evidence_voided`."""
    held = dict(enumerate(links, 1))
    if number not in held:
        raise not_found()
    if by not in (owner, held[number].by):
        raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who linked it may.")
    check_counts(held[number], conflict("evidence_voided", "The link was voided already."))
    held[number] = voided(held[number], by, at)
    return tuple(held.values())
