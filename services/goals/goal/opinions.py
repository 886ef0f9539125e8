"""Answers about what is thought of a goal: by its owner, by who coaches her, and by rule."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.naming import name_of
from services.chassis.fields import Resource, Written
from services.goals.comment.domain import Comment
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


class GoalCommentResource(Resource):
    comment_number: int
    text: Written
    commented_by: str
    commented_by_name: str | None = name_of("commented_by")
    commented_at: datetime
    voided_at: datetime | None


class GoalCommentsResource(Resource):
    """What its owner and who coaches her have said of a goal, oldest first, 90 at most."""

    goal_id: str
    comments: list[GoalCommentResource]


def goal_comments(goal: Goal) -> GoalCommentsResource:
    """What was said of the goal."""
    comments = [_comment(*each) for each in enumerate(goal.comments, 1)]
    return GoalCommentsResource(goal_id=goal.id, comments=comments)


def _comment(number: int, comment: Comment) -> GoalCommentResource:
    return GoalCommentResource(
        comment_number=number,
        text=comment.text,
        commented_by=comment.by,
        commented_at=comment.at,
        voided_at=comment.voided_at,
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
