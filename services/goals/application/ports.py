"""What the goals use cases need."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.chassis.kernel import Clock
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.goals.domain.goal import Goal
from services.goals.domain.goal_outline import GoalSummary
from services.goals.domain.relationship import Relationship


@dataclass(frozen=True, slots=True)
class Ports:
    goals: WritePath[Goal]
    goal_summaries: Summaries[GoalSummary]
    relationships: WritePath[Relationship]
    access: Access
    days: Days
    clock: Clock
