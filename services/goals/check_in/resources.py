"""Answers about what a teacher is to look at again, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.fields import Resource
from services.goals.check_in.cases import CheckIns
from services.goals.check_in.domain import MOST


class CheckInResource(Resource):
    trial_id: str | None = Field(
        description="The trial that is to be looked at again; null: a goal is"
    )
    goal_id: str | None = Field(
        description="The goal that is due, or that the trial comes from; null: from none"
    )
    check_in_date: str = Field(examples=["2026-10-05"], description="The day, the district's")
    overdue: bool = Field(description="Whether that day is over")


class CheckInsResource(Resource):
    """What the caller is to look at again, for herself alone."""

    check_ins: list[CheckInResource] = Field(description="The earliest day first; 100 at most")
    more_count: int = Field(description="How many more there are")
    as_of: datetime = Field(description="As of when")


def check_ins_resource(found: CheckIns) -> CheckInsResource:
    shown = found.check_ins[:MOST]
    return CheckInsResource(
        check_ins=[
            CheckInResource(
                trial_id=each.trial or None,
                goal_id=each.goal or None,
                check_in_date=each.day,
                overdue=each.day < found.today.isoformat(),
            )
            for each in shown
        ],
        more_count=len(found.check_ins) - len(shown),
        as_of=found.at,
    )
