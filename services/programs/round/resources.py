"""Answers about rounds, over REST and gRPC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.round.cases import Ports, RoundToday
from services.programs.round.domain import CoachingRound, RoundState


class RoundOptionResource(Resource):
    option_id: str
    label: str


class CoachingRoundSummaryResource(Resource):
    """A round in a list."""

    coaching_round_id: str
    program_id: str
    school_year: int
    title: str
    options: list[RoundOptionResource]
    begin_date: str
    end_date: str
    state: RoundState
    capacity: int
    full: bool
    planned_by: str
    planned_by_name: str | None = name_of("planned_by")
    planned_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    version: int


class CoachingRoundResource(CoachingRoundSummaryResource, Acted):
    """A round in which teachers ask for coaching. `state`: where it stands today, by its days or
    by hand."""


class CoachingRoundPage(PageResource):
    coaching_rounds: list[CoachingRoundSummaryResource]


async def coaching_round_resource(ports: Ports, each: CoachingRound) -> CoachingRoundResource:
    """One round, for whoever works in the district."""
    return CoachingRoundResource(**_told(each, ports.access.today(each.district)))


def coaching_round_summary(seen: RoundToday) -> CoachingRoundSummaryResource:
    return CoachingRoundSummaryResource(**_told(seen.round, seen.today))


def _told(each: CoachingRound, today: date) -> dict[str, Any]:
    return {
        "coaching_round_id": each.id,
        "program_id": each.program,
        "school_year": each.school_year,
        "title": each.says.title,
        "options": [
            RoundOptionResource(option_id=option.id, label=option.label)
            for option in each.says.options
        ],
        "begin_date": each.says.begins,
        "end_date": each.says.ends,
        "state": each.state_on(today),
        "capacity": each.says.capacity,
        "full": each.free == 0,
        "planned_by": each.planned_by,
        "planned_at": each.planned_at,
        "opened_at": each.opened_at,
        "closed_at": each.closed_at,
        "version": each.version,
    }
