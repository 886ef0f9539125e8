"""What becomes of shares of goals by themselves."""

from __future__ import annotations

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.goals.v1 import share_events_pb2 as published
from services.access.sharing.duties import call_off_duty, share_duties

DUTIES = (
    *share_duties("goal", published.GoalShareCreated, goals.GoalErased),
    call_off_duty("goal"),
)
