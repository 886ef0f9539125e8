"""A live caseload that is resumed when its process knows more, or less, than was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.programs.v1 import flag_answer_events_pb2 as flag_answers
from services.access.agreed import Agreed
from services.access.calendar import Calendar
from services.insights.caseload.domain.card import Card, Survey
from services.insights.caseload.domain.entry import entry_until
from services.insights.live import read as live_read
from services.insights.live.missed import missed
from services.insights.live.read import Watch
from services.insights.live.stream import Message, MessageKind
from services.insights.live.token import Resume
from tests.support.insight import COACH, OTHER_COACH, Insights, small_district, view_on
from tests.support.live_screen import Screen, connect, truth, waiting

CHANGES: list[Callable[[Insights], None]] = [
    lambda i: i.progress("t1", 12),
    lambda i: i.coached("t1", active=False),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_read_before_it_was_heard_of_reaches_her(
    change: Callable[[Insights], None],
) -> None:
    insights = await small_district()
    screen = Screen()
    for message in await waiting(await connect(insights)):
        screen.receive(message)
    change(insights)
    stored = await insights.project()
    watch = await connect(insights, screen.token)
    await insights.ports.live.hub.changed(stored)
    for message in await waiting(watch):
        screen.receive(message)
    assert screen.agrees(await truth(insights))


async def test_of_others_teachers_she_does_not_hear_even_then() -> None:
    insights = await small_district()
    token = (await waiting(await connect(insights)))[-1].token
    watch = await connect(insights, token)
    await waiting(watch)
    await connect(insights, coach=OTHER_COACH)  # somebody watches them, so they are read
    insights.progress("t3", 12)
    insights.coached("t3", OTHER_COACH, active=False)
    await insights.settle()
    assert await waiting(watch) == []


async def shown(watch: Watch, screen: Screen, most: int | None = None) -> None:
    for message in (await waiting(watch))[:most]:
        screen.receive(message)


async def heartbeat(watch: Watch, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """After which the line is cut."""
    with monkeypatch.context() as quick:
        quick.setattr(live_read, "HEARTBEAT_SECONDS", 0.0)
        messages = watch.messages()
        message = await anext(messages)
        await messages.aclose()
    assert message.kind is MessageKind.HEARTBEAT
    screen.receive(message)


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
@pytest.mark.parametrize("roles", [("aide", "ext:coach"), ("ext:coach", "aide")])
async def test_who_may_see_others_since_has_all_of_them_wherever_the_line_is_cut(
    roles: tuple[str, str], cut: int
) -> None:
    insights = await small_district()
    insights.person(COACH, roles[0])
    await insights.settle()
    screen = Screen()
    watch = await connect(insights)
    await shown(watch, screen)
    insights.person(COACH, roles[1])
    await insights.settle()
    await insights.ports.live.hub.evaluate()
    await shown(watch, screen, cut)
    watch.close()
    await shown(await connect(insights, screen.token), screen)
    assert sorted(screen.shown) == (["t1", "t2"] if roles[1] == "ext:coach" else [])
    assert sorted(screen.order) == sorted(screen.shown)


async def test_a_heartbeat_promises_no_calendar_by_which_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insights = await small_district()
    insights.clock.forward(days=40)
    screen = Screen()
    watch = await connect(insights)
    await shown(watch, screen)
    insights.term("2026-09-01", "2026-10-02")
    await insights.project()
    await insights.ports.live.almanac.refresh()  # and the comparison is to come
    await heartbeat(watch, screen, monkeypatch)
    await shown(await connect(insights, screen.token), screen)
    assert screen.agrees(await truth(insights))


async def test_a_heartbeat_promises_nothing_while_all_begin_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insights = await small_district()
    screen = Screen()
    watch = await connect(insights)
    await shown(watch, screen)
    insights.progress("t1", 12)
    await insights.project()  # of which no notice comes
    cards = insights.ports.caseload.cards
    read = cards.caseload
    begun, gate = asyncio.Event(), asyncio.Event()

    async def slow(*whose: Any) -> Any:
        begun.set()
        await gate.wait()
        return await read(*whose)

    with monkeypatch.context() as slowly:
        slowly.setattr(cards, "caseload", slow)
        anew = asyncio.create_task(insights.ports.live.hub.start_over())
        await begun.wait()
        await heartbeat(watch, screen, monkeypatch)
        gate.set()
        await anew
    await shown(await connect(insights, screen.token), screen)
    assert screen.agrees(await truth(insights))


CLOSED, HOURS = datetime(2026, 10, 6, 15, tzinfo=UTC), timedelta(hours=48)
SURVEYED = Survey("s", "i", closed_at=CLOSED, favorable_share=0.5, n_min=10, n_max=12)


@pytest.mark.parametrize(
    ("left", "came", "told"),
    [(-1, 1, 1), (-2, -1, 0), (1, 2, 0)],
    ids=["over their end", "within them", "after them"],
)
async def test_a_survey_of_the_teachers_hours_is_told_once_they_are_over(
    left: int, came: int, told: int
) -> None:
    """And not before, though she comes back: it is as it was when she left."""
    card, end = Card("t1", 2027, surveys=(SURVEYED,)), CLOSED + HOURS
    view = replace(view_on(CLOSED.date()), agreed=Agreed(teacher_first=HOURS))
    then, now = (end + timedelta(hours=each) for each in (left, came))
    entry, _ = entry_until(card, Calendar(), now, HOURS)
    place = Resume("e", "s", 1, int(then.timestamp() * 1000))
    sent = missed(Calendar(), view, place, set(), [Message(MessageKind.ENTRY, entry=entry)])
    assert len(sent) == told


def answers(insights: Insights) -> None:
    """What another coach has said to a flag of t1."""
    said = flag_answers.FlagAnswerSnapshot(
        flag_answer_id="a1", coach_id=OTHER_COACH, teacher_id="t1", school_year=2027,
        flag_id="F1:t1", answer=flag_answers.FLAG_ANSWER_KIND_ACKNOWLEDGED,
        state=flag_answers.FLAG_ANSWER_STATE_GIVEN,
    )  # fmt: skip
    said.answered_at.FromDatetime(insights.clock.now())
    insights.publish(flag_answers.FlagAnswerGiven(flag_answer=said), "a1", "t1")


@pytest.mark.parametrize(
    "change", [answers, lambda i: i.observed("t1", shared=False, by=OTHER_COACH)]
)
async def test_what_is_not_shown_to_her_sends_her_nothing(
    change: Callable[[Insights], None],
) -> None:
    """Neither while she reads nor when she comes back, and not with the next change of others."""
    insights = await small_district()
    watch = await connect(insights)
    token = (await waiting(watch))[-1].token
    insights.clock.forward(seconds=5)
    change(insights)
    await insights.settle()
    assert await waiting(watch) == []
    watch.close()
    again = await connect(insights, token)
    assert [each.kind for each in await waiting(again)] == [MessageKind.ORDER]
    change(insights)
    await insights.settle()
    assert await waiting(again) == []
