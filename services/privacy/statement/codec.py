"""Statements: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.privacy.v1 import statement_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.statement.domain import (
    Statement,
    StatementEvent,
    StatementState,
    StatementSummary,
)

STATEMENT_EVENTS = messages_of(published.DESCRIPTOR, "Statement", StatementEvent)
_STATES = numbers_of(StatementState, published.StatementState.DESCRIPTOR)


def statement_snapshot(statement: Statement) -> published.StatementSnapshot:
    """References only: title and text stay here."""
    return published.StatementSnapshot(
        statement_id=statement.id,
        state=_STATES[statement.state],
        published_at=stamp(statement.published_at),
    )


def encode_statement(statement: Statement, event: StatementEvent) -> EncodedEvent:
    message = STATEMENT_EVENTS[event](statement=statement_snapshot(statement))
    return encoded(message, (f"{statement.district}:{statement.id}",))


STATEMENTS = AggregateCodec("statement", Statement, encode_statement)
STATEMENT_SUMMARIES = SummaryCodec(STATEMENTS, StatementSummary)
