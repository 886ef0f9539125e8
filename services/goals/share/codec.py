"""Shares of goals: stored state and published events."""

from __future__ import annotations

from coaching.goals.v1 import share_events_pb2 as published
from services.access.sharing.codec import (
    moved_alone,
    none_called_off,
    share_codec,
    without_meeting,
)

GOAL_SHARES = share_codec(
    "goal",
    published.DESCRIPTOR,
    published.GoalShareSnapshot,
    [moved_alone, without_meeting, none_called_off],
)
