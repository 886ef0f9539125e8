"""Answers about strategies, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import Before, PageResource, Resource, Written
from services.goals.strategy.domain import (
    Strategy,
    StrategyOutline,
    StrategyRevision,
    StrategyState,
    StrategySummary,
)


class StrategyRevisionResource(Resource):
    """What a strategy said before it was revised."""

    revision: int
    title: Written
    about: Written
    tags: list[str]
    moves: list[str]
    source: Written
    license: str
    reason: Written
    revised_by: str
    revised_by_name: str | None = name_of("revised_by")
    revised_at: datetime


class StrategySummaryResource(Acted):
    """A strategy without what it said before."""

    strategy_id: str
    state: StrategyState
    author_id: str
    author_name: str | None = name_of("author_id")
    title: Written
    about: Written
    tags: list[str]
    moves: list[str]
    source: Written
    license: str
    revision: int
    written_at: datetime
    published_at: datetime | None
    closed_at: datetime | None
    version: int


class StrategyResource(StrategySummaryResource):
    earlier: Before[StrategyRevisionResource]


class StrategyPage(PageResource):
    strategies: list[StrategySummaryResource]


R = TypeVar("R", bound=StrategySummaryResource)


def strategy_summary(strategy: Strategy | StrategySummary) -> StrategySummaryResource:
    return _told(StrategySummaryResource, strategy)


def strategy_resource(strategy: Strategy) -> StrategyResource:
    """One strategy, with what it said before it was revised."""
    return _told(StrategyResource, strategy, earlier=[_revision(each) for each in strategy.earlier])


def _told(shown: type[R], strategy: StrategyOutline, **more: Any) -> R:
    return shown(
        strategy_id=strategy.id,
        state=strategy.state,
        author_id=strategy.author,
        title=strategy.says.title,
        about=strategy.says.about,
        tags=list(strategy.says.tags),
        moves=list(strategy.says.moves),
        source=strategy.says.source,
        license=strategy.says.license,
        revision=strategy.revision,
        written_at=strategy.written_at,
        published_at=strategy.published_at,
        closed_at=strategy.closed_at,
        version=strategy.version,
        **more,
    )


def _revision(revision: StrategyRevision) -> StrategyRevisionResource:
    return StrategyRevisionResource(
        revision=revision.number,
        title=revision.said.title,
        about=revision.said.about,
        tags=list(revision.said.tags),
        moves=list(revision.said.moves),
        source=revision.said.source,
        license=revision.said.license,
        reason=revision.reason,
        revised_by=revision.by,
        revised_at=revision.at,
    )
