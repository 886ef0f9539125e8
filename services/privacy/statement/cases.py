"""What callers do with data-use statements, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.fields import Body, Line, Text
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.privacy.statement.domain import (
    MOST_STATEMENTS,
    Statement,
    StatementState,
    StatementSummary,
)

BY_DATE = ByDate("drafted_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    statements: Guarded[Statement]
    summaries: GuardedList[StatementSummary]
    clock: Clock


class DraftStatement(Body):
    title: Line = Field(examples=["How coaching data is used"])
    text: Text = Field(examples=["Only a teacher and her coach see her goals."])


async def draft_statement(ports: Ports, call: Call, asked: DraftStatement) -> Statement:
    """Write down what the district says about the use of coaching data."""
    statement = Statement(
        id=ports.statements.new_id(call),
        district=call.district,
        title=asked.title,
        text=asked.text,
        drafted_by=call.principal.person,
        drafted_at=ports.clock.now(),
    )
    told = f"A district has at most {MOST_STATEMENTS} statements, withdrawn ones included."
    bound = Bound({}, MOST_STATEMENTS, "too_many_statements", told)
    return await ports.statements.create(call, statement.drafted(), (bound,))


async def list_statements(
    ports: Ports,
    call: Call,
    *,
    state: StatementState | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[StatementSummary]:
    """The district's statements, drafts too, by when they were drafted, without their texts;
    withdrawn drafts with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    unless = None if every else {"state": StatementState.WITHDRAWN.value}
    by = BY_DATE.first(order)
    return await ports.summaries.find(
        call, About(), where(state=state), after, limit, by=by, unless=unless
    )
