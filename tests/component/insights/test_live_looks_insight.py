"""A live caseload is a look at each teacher whom it shows, once as long as it goes on; what cannot
be recorded is not shown."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from services.access import book as books
from services.access.book import LookBook
from services.insights.live.read import Watch
from services.insights.live.stream import Message, MessageKind
from tests.support.insight import COACH, Insights, small_district
from tests.support.live_screen import connect


def book_of(watch: Watch) -> LookBook:
    book = watch.ports.access.book
    assert book is not None
    return book


def noted(book: LookBook) -> list[tuple[Any, dict[str, int]]]:
    return [(seen, sheet.people) for seen, sheet in book._sheets.items()]


async def until(watch: Watch, kind: MessageKind) -> list[Message]:
    found: list[Message] = []
    async with aclosing(watch.messages()) as messages:
        async for message in messages:
            found.append(message)
            if message.kind is kind:
                return found
    return found


async def test_each_teacher_who_is_shown_is_looked_at_once() -> None:
    insights = await small_district()
    watch = await connect(insights)
    shown = await until(watch, MessageKind.ORDER)
    teachers = {each.entry.card.teacher for each in shown if each.entry is not None}
    assert len(teachers) > 1
    ((seen, people),) = noted(book_of(watch))
    assert people == dict.fromkeys(teachers, 1)
    assert (seen.viewer, seen.kind, seen.operation) == (COACH, "caseload", "watch_caseload")


async def test_what_cannot_be_recorded_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    insights: Insights = await small_district()
    watch = await connect(insights)
    monkeypatch.setattr(books, "MOST", 1)
    shown = await until(watch, MessageKind.BYE)
    assert sum(each.entry is not None for each in shown) == 1
    assert shown[-1].kind is MessageKind.BYE
