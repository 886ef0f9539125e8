"""Answers about what is thought of a goal: by its owner, and by rule."""

from __future__ import annotations

from datetime import datetime

from services.chassis.fields import Resource
from services.goals.goal.cases import Ports
from services.goals.goal.domain import Goal
from services.goals.goal.rules import Aspect, advice


class RatingResource(Resource):
    importance: int
    confidence: int
    rated_at: datetime


class RatingsResource(Resource):
    """What its owner thinks of her goal: the newest 20, oldest first. The last one holds."""

    goal_id: str
    ratings: list[RatingResource]


class GoalCheckLineResource(Resource):
    """One thing that makes a goal a good one, and what this one lacks of it."""

    aspect: Aspect
    met: bool
    lacks: str | None
    advice: str


class GoalCheckResource(Resource):
    """All aspects, always in the same order."""

    goal_id: str
    lines: list[GoalCheckLineResource]


def ratings_resource(goal: Goal) -> RatingsResource:
    """How much the goal matters to its owner, and how sure she is."""
    return RatingsResource(
        goal_id=goal.id,
        ratings=[
            RatingResource(importance=each.importance, confidence=each.confidence, rated_at=each.at)
            for each in goal.ratings
        ],
    )


async def goal_check(ports: Ports, goal: Goal) -> GoalCheckResource:
    """What the goal has and lacks, today."""
    begins = goal.activated_at or ports.clock.now()
    found = advice(
        goal,
        ports.days.day_of(goal.district, begins),
        await ports.catalogue(goal.district, goal.measure),
    )
    return GoalCheckResource(
        goal_id=goal.id,
        lines=[
            GoalCheckLineResource(
                aspect=each.aspect,
                met=not each.lacks,
                lacks=each.lacks or None,
                advice=each.words,
            )
            for each in found
        ],
    )
