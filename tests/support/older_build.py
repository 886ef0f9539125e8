"""A service as a build before this one would run it: `python -m tests.support.older_build SERVICE
[LESS...]`. What it does not know yet, of `insights`: `field` (when an observation was shared and
by whom it was seen), `state` (that a goal is active), `topic` (surveys, so that its list of topics
is the one before this one's). Of `goals`: `schema` (the stored state before this one's, and the
value before the last in its events)."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from services.assembly.registry import SERVICES
from services.chassis.views.decode import message_class
from services.chassis.views.projection import Event, Fact, Fold, Projection

UNKNOWN_FIELDS = {"observer", "shared_at"}


def older_projection(now: Projection, less: Collection[str]) -> Projection:
    """The cards' projection of this build, as the one before it."""
    if "field" in less:
        now = replace(now, folds={name: _without(fold) for name, fold in now.folds.items()})
    if "topic" in less:
        topics = tuple(each for each in now.topics if each != SERVICES["surveys"].topic)
        now = replace(now, topics=topics, topics_version=now.topics_version - 1)
    return now


def _without(fold: Fold) -> Fold:
    def known(event: Event) -> Sequence[Fact]:
        return [
            each._replace(value={k: v for k, v in each.value.items() if k not in UNKNOWN_FIELDS})
            for each in fold(event)
        ]

    return known


def _insights(less: Collection[str]) -> None:
    from services.insights import bootstrap
    from services.insights.caseload.fold import insights_projection
    from services.insights.facts import goals

    if "state" in less:
        known = {k: name for k, name in goals.STATES.items() if name != "active"}
        goals.STATES.clear()
        goals.STATES.update(known)
    older = older_projection(insights_projection(), less)
    vars(bootstrap)["insights_projection"] = lambda: older


def _goals(less: Collection[str]) -> None:
    from services.goals.goal import codec

    if "schema" in less:
        codec.GOALS.schema = codec.GOAL_SUMMARIES.schema = codec.GOALS.schema - 1
        now = codec.GOALS.encode

        def encode(goal: Any, event: Any) -> Any:
            encoded = now(goal, event)
            message: Any = message_class(encoded.type).FromString(encoded.data)
            message.goal.ClearField("previous")
            return replace(encoded, data=message.SerializeToString())

        codec.GOALS.encode = encode


if __name__ == "__main__":
    {"insights": _insights, "goals": _goals}[sys.argv[1]](sys.argv[2:])
    runpy.run_module(f"services.{sys.argv[1]}", run_name="__main__")
