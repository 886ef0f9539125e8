"""Answers about data-use statements, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.fields import PageResource
from services.privacy.statement.domain import Statement, StatementState, StatementSummary


class StatementSummaryResource(Acted):
    """A statement without its text."""

    statement_id: str
    title: str
    state: StatementState
    drafted_at: datetime
    published_at: datetime | None
    version: int


class StatementResource(Acted):
    statement_id: str
    title: str
    text: str
    state: StatementState
    drafted_at: datetime
    published_at: datetime | None
    version: int


class StatementPage(PageResource):
    statements: list[StatementSummaryResource]


def statement_summary(statement: StatementSummary) -> StatementSummaryResource:
    return StatementSummaryResource(
        statement_id=statement.id,
        title=statement.title,
        state=statement.state,
        drafted_at=statement.drafted_at,
        published_at=statement.published_at,
        version=statement.version,
    )


def statement_resource(statement: Statement) -> StatementResource:
    """One statement with its text."""
    return StatementResource(
        statement_id=statement.id,
        title=statement.title,
        text=statement.text,
        state=statement.state,
        drafted_at=statement.drafted_at,
        published_at=statement.published_at,
        version=statement.version,
    )
