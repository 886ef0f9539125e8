"""Strategies: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.goals.v1 import strategy_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.strategy.domain import (
    SHOWN_TO_ALL,
    Strategy,
    StrategyEvent,
    StrategyState,
    StrategySummary,
)

STRATEGY_EVENTS = messages_of(published.DESCRIPTOR, "Strategy", StrategyEvent, Last)
_STATES = numbers_of(StrategyState, published.StrategyState.DESCRIPTOR)


def strategy_snapshot(strategy: Strategy) -> published.StrategySnapshot:
    """Codes and numbers only: its words stay here. Of one that is not the district's not even who
    writes it, nor by which tags."""
    shown = strategy.state in SHOWN_TO_ALL
    return published.StrategySnapshot(
        strategy_id=strategy.id,
        state=_STATES[strategy.state],
        revision=strategy.revision,
        tags=strategy.says.tags if shown else (),
        move_count=len(strategy.says.moves) if shown else 0,
        license=strategy.says.license if shown else "",
        published_at=stamp(strategy.published_at),
        closed_at=stamp(strategy.closed_at),
    )


def encode_strategy(strategy: Strategy, event: StrategyEvent | Last) -> EncodedEvent:
    keys = (f"{strategy.district}:strategy-{strategy.id}",)
    if event is Last.ERASED:
        only = published.StrategySnapshot(strategy_id=strategy.id)
        return encoded(STRATEGY_EVENTS[event](strategy=only), keys)
    return encoded(STRATEGY_EVENTS[event](strategy=strategy_snapshot(strategy)), keys)


STRATEGIES = AggregateCodec("strategy", Strategy, encode_strategy)
STRATEGY_SUMMARIES = SummaryCodec(STRATEGIES, StrategySummary)
