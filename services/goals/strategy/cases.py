"""What callers do with strategies, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Code, Id, Line, Text
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.goals.strategy.domain import (
    MOST_MOVES,
    MOST_OWN_STRATEGIES,
    MOST_STRATEGIES,
    MOST_TAGS,
    MOST_WRITTEN,
    SHOWN_TO_ALL,
    Strategy,
    StrategyOutline,
    StrategySays,
    StrategyState,
    StrategySummary,
)

SourceText = Annotated[str, StringConstraints(max_length=1_000)]
BY_DATE = ByDate("written_at", within=("state",))
_WITHDRAWN = {"state": StrategyState.WITHDRAWN.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for what no caller asks for."""

    strategies: Guarded[Strategy]
    summaries: GuardedList[StrategySummary]
    path: WritePath[Strategy]
    names: Names
    access: Access
    view: ReadsAnew
    clock: Clock


def seen_strategy(strategy: StrategyOutline) -> About:
    """What is the district's is about nobody; what is not is its author's, and to all others as
    none."""
    if strategy.state in SHOWN_TO_ALL:
        return About()
    return About(parties=(strategy.author,), visible_to=strategy.visible_to)


def seen_by(person: str) -> list[Mapping[str, Scalar]]:
    """What `StrategyOutline.visible_to` is true of, as a store is asked for it."""
    return [*({"state": each.value} for each in SHOWN_TO_ALL), {"author": person}]


class _Says(Body):
    title: Line = Field(examples=["Turn and talk before the whole class"])
    about: Text = Field(examples=["Each pair settles on one reason before anybody reports"])
    tags: list[Code] = Field(default=[], max_length=MOST_TAGS, examples=[["questioning"]])
    moves: list[Line] = Field(
        default=[], max_length=MOST_MOVES, examples=[["Ask for the reason, then wait"]]
    )
    source: SourceText = Field(default="", examples=["Written by the district's coaches"])
    license: Code = Field(examples=["CC BY 4.0"])

    def says(self) -> StrategySays:
        return StrategySays(
            self.title, self.about, tuple(self.tags), tuple(self.moves), self.source, self.license
        )


class WriteStrategy(_Says):
    pass


class ReviseStrategy(_Says):
    """All of it, in place of what it says."""

    reason: Text = Field(examples=["Pairs need a minute to think alone first"])


async def write_strategy(ports: Ports, call: Call, asked: WriteStrategy) -> Strategy:
    """Write a strategy of the caller's own. Nobody else sees it until she publishes it."""
    strategy = Strategy(
        id=ports.strategies.new_id(call),
        district=call.district,
        author=call.principal.person,
        says=asked.says(),
        written_at=ports.clock.now(),
    )
    return await ports.strategies.create(call, strategy.written(), _bounds(strategy.author))


def _bounds(author: str) -> Sequence[Bound]:
    """Her own first: nobody uses up what is there for all."""
    hers, code = {"author": author}, "too_many_own_strategies"
    own = f"One person has at most {MOST_OWN_STRATEGIES} strategies that are not withdrawn."
    ever = f"One person writes at most {MOST_WRITTEN} strategies, withdrawn ones included."
    whole = f"A district has at most {MOST_STRATEGIES} strategies."
    return (
        Bound(hers, MOST_OWN_STRATEGIES, code, own, _WITHDRAWN),
        Bound(hers, MOST_WRITTEN, code, ever),
        Bound({}, MOST_STRATEGIES, "too_many_strategies", whole, _WITHDRAWN),
    )


async def revising(ports: Ports, call: Call, strategy: StrategyOutline) -> None:
    strategy.check_revise(call.principal.person, await _in_charge(ports, call, strategy))


async def retiring(ports: Ports, call: Call, strategy: StrategyOutline) -> None:
    strategy.check_retire(call.principal.person, await _in_charge(ports, call, strategy))


async def _in_charge(ports: Ports, call: Call, strategy: StrategyOutline) -> bool:
    """Of a published one, whose author has left, an administrator."""
    published = strategy.state is StrategyState.PUBLISHED
    return published and await ports.access.in_charge_of(call, strategy.author)


async def revise_strategy(
    ports: Ports, call: Call, strategy_id: Id, asked: ReviseStrategy
) -> Strategy:
    """Say anew what a strategy says, with the reason. Needs the version that was seen. What it
    said before is kept, and told to all who see it. Its author may, and an administrator once the
    author of a published one has left."""

    async def act(strategy: Strategy) -> None:
        in_charge = await _in_charge(ports, call, strategy)
        by, at = call.principal.person, ports.clock.now()
        strategy.revise(asked.says(), asked.reason, by, at, in_charge)

    return await ports.strategies.change(call, strategy_id, act)


async def retire_strategy(ports: Ports, call: Call, strategy_id: Id) -> Strategy:
    """Let nobody begin to try a published strategy any more; trials of it go on. Its author may,
    and an administrator once she has left."""

    async def act(strategy: Strategy) -> None:
        in_charge = await _in_charge(ports, call, strategy)
        strategy.retire(call.principal.person, ports.clock.now(), in_charge)

    return await ports.strategies.change(call, strategy_id, act)


async def list_strategies(
    ports: Ports,
    call: Call,
    *,
    state: StrategyState | None = None,
    tag: Annotated[Code, Field(description="One of their tags, as it is written")] | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[StrategySummary]:
    """The district's strategies and the caller's own private ones, by when they were written;
    those that she has withdrawn with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    return await ports.summaries.find(
        call,
        About(),
        where(**{"state": state, "says.tags": tag}),
        after,
        limit,
        by=BY_DATE.first(order),
        unless=None if every else _WITHDRAWN,
        either=seen_by(call.principal.person),
    )
