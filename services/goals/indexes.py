"""By what the things of the goals service are found."""

from __future__ import annotations

from services.access.sharing import cases as share
from services.chassis.write.find_indexes import FindIndex
from services.goals.celebration import cases as celebration
from services.goals.framework import cases as framework
from services.goals.goal import cases as goal
from services.goals.strategy import cases as strategy
from services.goals.tree import cases as tree
from services.goals.trial import cases as trial
from services.goals.walk import cases as walk

INDEXES: tuple[FindIndex, ...] = (
    ("celebration", ("teacher",), celebration.BY_DATE),
    ("celebration", ("teacher", "school_year"), celebration.BY_DATE),
    ("celebration", ("teacher", "school_year", "sent_by")),
    ("celebration", ("teacher", "sent_by", "week")),
    ("celebration", ("goal",)),
    ("celebration", ("trial",)),
    ("framework", (), framework.BY_DATE),
    ("framework", ("state",), framework.BY_DATE),
    ("goal_share", ("teacher",), share.BY_DATE),
    ("goal_share", ("artifact", "state")),
    ("goal_share", ("audience", "state")),
    ("goal_share", ("meeting", "state")),
    ("goal_share", ("audience",), share.BY_DATE),
    ("goal", ("teacher",), goal.BY_DATE),
    ("goal", ("teacher", "school_year"), goal.BY_DATE),
    ("goal", ("teacher", "school_year", "drafted_by", "state")),
    ("goal", ("school_year",)),
    ("measure", ()),
    ("strategy", (), strategy.BY_DATE),
    ("strategy", ("author",), strategy.BY_DATE),
    ("strategy", ("state",), strategy.BY_DATE),
    ("strategy", ("says.tags",), strategy.BY_DATE),
    ("strategy", ("author", "state")),
    ("tree", (), tree.BY_DATE),
    ("tree", ("drafted_by",), tree.BY_DATE),
    ("tree", ("drafted_by", "state")),
    ("trial", ("teacher",), trial.BY_DATE),
    ("trial", ("teacher", "school_year"), trial.BY_DATE),
    ("trial", ("teacher", "school_year", "planned_by", "state")),
    ("trial", ("goal",)),
    ("walk", ("teacher",), walk.BY_DATE),
    ("walk", ("teacher", "school_year"), walk.BY_DATE),
    ("walk", ("teacher", "school_year", "started_by", "state")),
    ("walk", ("goal",)),
)
