"""Answers about celebrations, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import PageResource, Written
from services.goals.celebration.cases import Ports, outdated_of, sender_of
from services.goals.celebration.domain import Celebration
from services.goals.celebration.lists import Told
from services.goals.celebration.outline import (
    CelebrationAudience,
    CelebrationFact,
    CelebrationOutline,
    CelebrationState,
)


class CelebrationResource(Acted):
    celebration_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: CelebrationState
    fact: CelebrationFact
    goal_id: str | None = refers_to("goal", "teacher_id")
    trial_id: str | None = refers_to("goal", "teacher_id")
    progress_number: int | None
    value: float | None
    note: Written
    reworded_at: datetime | None
    audience: CelebrationAudience
    outdated: bool | None
    sent_by: str
    sent_by_name: str | None = name_of("sent_by")
    sent_at: datetime
    put_away_at: datetime | None
    version: int


class CelebrationPage(PageResource):
    celebrations: list[CelebrationResource]


def celebration_item(celebration: Told) -> CelebrationResource:
    """As the list says it already, to who has asked for it."""
    return _told(celebration, celebration.teacher, celebration.outdated, celebration.sent_by)


async def celebration_resource(
    ports: Ports, call: Call, celebration: Celebration
) -> CelebrationResource:
    """One celebration of a teacher's, and whether what it is of is still so."""
    outdated = await outdated_of(ports, celebration)
    sender = await sender_of(ports.access, celebration)
    return _told(celebration, call.principal.person, outdated, sender)


def _told(
    celebration: CelebrationOutline, to: str, outdated: bool | None, sender: str
) -> CelebrationResource:
    state, put_away_at = celebration.told_to(to)
    progress = celebration.fact is CelebrationFact.PROGRESS
    return CelebrationResource(
        celebration_id=celebration.id,
        teacher_id=celebration.teacher,
        school_year=celebration.school_year,
        state=state,
        fact=celebration.fact,
        goal_id=celebration.goal or None,
        trial_id=celebration.trial or None,
        progress_number=celebration.number if progress else None,
        value=celebration.value if progress else None,
        note=celebration.note,
        reworded_at=celebration.reworded_at,
        audience=celebration.audience,
        outdated=outdated,
        sent_by=sender,
        sent_at=celebration.sent_at,
        put_away_at=put_away_at,
        version=celebration.version_to(to),
    )
