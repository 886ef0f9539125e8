"""Live caseloads: nothing is missed, whenever the line is cut."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from services.chassis.kernel import Fault, Kind
from services.insights.caseload.caseloads import Scope
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import MessageKind
from services.insights.live.token import decode, encode
from tests.support.insight import COACH, DISTRICT, OTHER_COACH, YEAR, Insights, small_district
from tests.support.live_screen import Screen, connect, news, truth, waiting

Step = Callable[[Insights], None]


def wait(days: float) -> Step:
    return lambda insights: insights.clock.forward(days=days)


STEPS: list[Step] = [
    lambda i: i.progress("t1", 12),
    lambda i: i.observed("t2", shared=False),
    wait(4),  # feedback is late now
    lambda i: i.coached("t3"),
    lambda i: i.coached("t1", active=False),
    lambda i: i.progress("t3", 15),
    lambda i: i.observed("t2", shared=True),
    lambda i: i.progress("t4", 11),  # nobody's
    lambda i: i.coached("t1"),
    wait(30),  # and stalled, and long without an observation
    lambda i: i.survey("t2", 20, 0.7),
    lambda i: i.coached("t3", active=False),
]


async def play(first: int, every: int, absent: int) -> int:
    """Play all steps; lose the line after `first` messages and then after each `every`,
    and stay away for `absent` steps. Returns how many messages were received."""
    insights = await small_district()
    insights.person("t5")
    insights.coached("t5")  # to whom nothing happens
    await insights.settle()
    screen = Screen()
    watch: Watch | None = await connect(insights)
    cut, away = first, 0
    for step in [*STEPS, wait(0)]:
        if watch is None and away >= absent:
            watch, away = await connect(insights, screen.token), 0
        if watch is not None:
            for message in await waiting(watch):
                if screen.received == cut:
                    watch.close()
                    watch, cut = None, cut + every
                    break
                screen.receive(message)
        away += watch is None
        step(insights)
        await insights.settle()
        await insights.ports.live.hub.evaluate()
    watch = watch or await connect(insights, screen.token)
    for message in await waiting(watch):
        screen.receive(message)
    assert screen.agrees(await truth(insights))
    return screen.received


@pytest.mark.parametrize("every", [1, 2, 3, 1_000])
async def test_a_screen_is_right_wherever_the_line_is_cut(every: int) -> None:
    whole = await play(first=1_000, every=1, absent=0)
    assert whole > len(STEPS)
    for first in range(whole + 1):
        for absent in (0, 2):
            await play(first, every, absent)


async def test_a_resume_sends_only_what_is_new() -> None:
    insights = await small_district()
    watch = await connect(insights)
    first = await waiting(watch)
    assert [each.kind for each in first] == [
        MessageKind.RESET,
        MessageKind.ENTRY,
        MessageKind.ENTRY,
        MessageKind.ORDER,
    ]
    assert first[0].count == 2
    assert sorted(first[-1].order) == ["t1", "t2"]
    watch.close()
    insights.progress("t1", 12)
    insights.progress("t3", 12)  # another coach's
    await insights.settle()
    again = await waiting(await connect(insights, first[-1].token))
    assert [(each.kind, each.entry and each.entry.card.teacher) for each in again] == [
        (MessageKind.ENTRY, "t1"),
        (MessageKind.ORDER, None),
    ]
    quiet = await waiting(await connect(insights, again[-1].token))
    assert [each.kind for each in quiet] == [MessageKind.ORDER]


@pytest.mark.parametrize("cut", [0, 1, 2])
async def test_cards_that_change_together_are_not_lost_together(cut: int) -> None:
    insights = await small_district()
    watch = await connect(insights)
    screen = Screen()
    for message in await waiting(watch):
        screen.receive(message)
    insights.progress("t1", 12)
    insights.progress("t2", 12)
    await insights.project()
    together = [f"north:{teacher}:2027" for teacher in ("t1", "t2", "t1")]
    await insights.ports.live.hub.changed(together)
    for message in (await waiting(watch))[:cut]:
        screen.receive(message)
    for message in await waiting(await connect(insights, screen.token)):
        screen.receive(message)
    assert screen.agrees(await truth(insights))


async def test_a_reset_that_was_cut_off_begins_again() -> None:
    insights = await small_district()
    first = await waiting(await connect(insights))
    for cut in first[:-1]:
        again = await waiting(await connect(insights, cut.token))
        assert again[0].kind is MessageKind.RESET


async def test_time_alone_changes_an_entry() -> None:
    insights = await small_district()
    insights.observed("t1", shared=False)
    await insights.settle()
    watch = await connect(insights)
    last = (await waiting(watch))[-1]
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()
    (late,) = await news(watch)
    assert late.entry is not None
    assert [flag.code for flag in late.entry.flags] == ["F2"]
    (missed,) = await news(await connect(insights, last.token))
    assert missed.entry == late.entry


async def test_an_ended_relationship_takes_the_teacher_away_at_once() -> None:
    insights = await small_district()
    mine, hers = await connect(insights), await connect(insights, coach=OTHER_COACH)
    await waiting(mine)
    await waiting(hers)
    insights.coached("t1", active=False)
    insights.coached("t1", OTHER_COACH)
    await insights.settle()
    (gone,) = await waiting(mine)
    assert (gone.kind, gone.teacher) == (MessageKind.GONE, "t1")
    come, order = await waiting(hers)
    assert (order.kind, "t1" in order.order) == (MessageKind.ORDER, True)
    assert come.entry is not None
    assert come.entry.card.teacher == "t1"


async def test_nobody_hears_of_teachers_who_were_never_hers() -> None:
    insights = await small_district()
    watch = await connect(insights)
    token = (await waiting(watch))[-1].token
    insights.progress("t3", 12)
    insights.progress("t4", 12)
    await insights.settle()
    assert not await waiting(watch)
    resumed = await waiting(await connect(insights, token))
    assert [each.kind for each in resumed] == [MessageKind.ORDER]


async def test_a_slow_reader_is_dropped_with_her_place() -> None:
    insights = await small_district()
    watch = await connect(insights)
    messages = watch.messages()
    screen = Screen()
    for _ in range(4):
        screen.receive(await anext(messages))
    for value in range(70):
        insights.progress("t1", value)
        await insights.settle()
    bye = await anext(messages)
    assert (bye.kind, bye.slow, bye.token) == (MessageKind.BYE, True, screen.token)
    assert [each async for each in messages] == []
    assert insights.ports.live.hub.readers == 0
    for message in await waiting(await connect(insights, bye.token)):
        screen.receive(message)
    assert screen.agrees(await truth(insights))


async def test_missed_notices_begin_every_screen_anew() -> None:
    insights = await small_district()
    watch = await connect(insights)
    last = (await waiting(watch))[-1]
    await insights.ports.live.hub.start_over()
    assert [each.kind for each in await waiting(watch)] == [
        MessageKind.RESET,
        MessageKind.ENTRY,
        MessageKind.ENTRY,
        MessageKind.ORDER,
    ]
    assert (await waiting(await connect(insights, last.token)))[0].kind is MessageKind.RESET


async def test_another_calendar_makes_an_old_place_worthless() -> None:
    insights = await small_district()
    token = (await waiting(await connect(insights)))[-1].token
    insights.term("2026-09-01", "2026-12-19")
    await insights.settle()
    assert (await waiting(await connect(insights, token)))[0].kind is MessageKind.RESET


async def test_the_end_of_the_process_says_goodbye_to_everyone() -> None:
    insights = await small_district()
    watch = await connect(insights)
    insights.ports.live.hub.close()
    kinds = [str(each.kind) async for each in watch.messages()]
    assert kinds == ["reset", "entry", "entry", "order", "bye"]
    with pytest.raises(Fault) as refused:
        await connect(insights)
    assert refused.value.kind is Kind.LIMITED


async def test_there_is_a_limit_to_readers() -> None:
    insights = await small_district()
    hub = insights.ports.live.hub
    readers = [await hub.join(Scope(DISTRICT, f"coach-{n}", YEAR), "") for n in range(16)]
    with pytest.raises(Fault) as refused:
        await connect(insights)
    assert refused.value.kind is Kind.LIMITED
    for n in range(4):  # another district finds what this one has left
        await hub.join(Scope("south", f"coach-{n}", YEAR), "")
    hub.leave(readers[0])
    await connect(insights)
    with pytest.raises(Fault):
        await hub.join(Scope("east", COACH, YEAR), "")


async def test_a_change_costs_those_whom_it_does_not_concern_no_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each costs 5 us, and there are many readers."""
    insights = await small_district()
    hub = insights.ports.live.hub
    for n in range(15):
        await hub.join(Scope(DISTRICT, f"coach-{n + 100}", YEAR), "")
    await waiting(watch := await connect(insights))
    made = Mock(side_effect=encode)
    monkeypatch.setattr("services.insights.live.token.encode", made)
    insights.progress("t1", 12)
    await insights.settle()
    assert [each.kind for each in await waiting(watch)] == [MessageKind.ENTRY]
    assert made.call_count == 1


async def test_one_person_has_five_streams_and_the_oldest_gives_way() -> None:
    insights = await small_district()
    others = await connect(insights, coach=OTHER_COACH)
    watches = [await connect(insights) for _ in range(5)]
    screen = Screen()
    messages = watches[0].messages()
    while not screen.order:
        screen.receive(await anext(messages))
    for _ in range(30):  # more than the process would take of all together
        watches.append(await connect(insights))
    bye = await anext(messages)
    assert (bye.kind, bye.token, bye.slow) == (MessageKind.BYE, screen.token, False)
    assert insights.ports.live.hub.readers == 6
    assert not others.reader.mailbox.over
    insights.progress("t1", 15)
    await insights.settle()
    for message in await waiting(await connect(insights, bye.token)):
        screen.receive(message)
    assert screen.agrees(await truth(insights))


async def test_a_stream_ends_with_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    insights = await small_district()
    now = 0.0
    hands = SimpleNamespace(time=lambda: now, monotonic=lambda: now)
    monkeypatch.setattr("services.insights.live.read.time", hands)
    call = insights.call("watch_caseload")
    call.principal = replace(call.principal, ends_at=60.0)
    watch = await watch_caseload(insights.ports.live, call, coach=COACH)
    async with aclosing(watch.messages()) as messages:
        first = await anext(messages)
        last = [await anext(messages) for _ in range(first.count + 1)][-1]
        now = 60.0
        (bye,) = [each async for each in messages]
    assert (bye.kind, bye.token) == (MessageKind.BYE, last.token)
    assert insights.ports.live.hub.readers == 0


async def test_who_has_left_is_gone_once_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    insights = await small_district()
    watch = await connect(insights)
    await waiting(watch)
    insights.person("t1", active=False)
    await insights.ports.live.hub.changed(await insights.project())
    down = AsyncMock(side_effect=Fault(Kind.UNAVAILABLE, "store_unavailable"))
    with monkeypatch.context() as away:
        away.setattr(insights.ports.caseload.cards, "rows", down)
        with pytest.raises(Fault):
            await insights.ports.live.hub.look_at_people()
    await insights.ports.live.hub.look_at_people()
    (gone,) = await waiting(watch)
    assert (gone.kind, gone.teacher) == (MessageKind.GONE, "t1")


async def test_places_change_with_what_changes_and_with_time() -> None:
    """Each time it is told once, and who stands where she stood is told nothing."""
    insights = await small_district()
    watch = await connect(insights)
    screen = Screen()

    async def told() -> list[str]:
        found = await waiting(watch)
        for message in found:
            screen.receive(message)
        assert screen.agrees(await truth(insights))
        return [str(each.kind) for each in found]

    await told()
    before = list(screen.order)
    insights.observed(before[1], shared=False)
    await insights.settle()
    insights.clock.forward(days=7)  # she waits for feedback
    await insights.ports.live.hub.evaluate()
    assert (await told())[-1] == "order"
    assert screen.order == before[::-1]
    await insights.ports.live.hub.evaluate()
    assert await told() == []
    insights.progress(before[1], 12)
    await insights.settle()
    assert await told() == ["entry"]


@pytest.mark.parametrize("token", ["?", "a" * 20_000, "YWJj", "é", "=", "\0", "MS4"])
async def test_what_is_no_place_begins_anew(token: str) -> None:
    insights = await small_district()
    fresh = [each.kind for each in await waiting(await connect(insights))]
    assert [each.kind for each in await waiting(await connect(insights, token))] == fresh
    assert fresh[0] is MessageKind.RESET


async def test_anothers_place_is_as_good_as_none() -> None:
    insights = await small_district()
    hers = (await waiting(await connect(insights, coach=OTHER_COACH)))[-1].token
    hub = insights.ports.live.hub
    south = await hub.join(Scope("south", COACH, YEAR), "")
    elsewhere = (await waiting(Watch(insights.ports.live, insights.call("x"), south)))[-1].token
    fresh = [replace(each, token="") for each in await waiting(await connect(insights))]
    for place in (hers, elsewhere):
        assert decode(place) is not None  # it is one, of this very process
        again = await waiting(await connect(insights, place))
        assert [replace(each, token="") for each in again] == fresh
        assert again[-1].kind is MessageKind.ORDER
        assert again[0].kind is MessageKind.RESET


async def test_a_place_at_the_end_of_time_begins_anew() -> None:
    insights = await small_district()
    place = decode((await waiting(await connect(insights)))[-1].token)
    assert place is not None
    for instant in (10**20, 253_402_300_799_000):
        token = encode(replace(place, evaluated_ms=instant))
        assert (await waiting(await connect(insights, token)))[0].kind is MessageKind.RESET


@pytest.mark.parametrize("person", ["t1", OTHER_COACH, "nobody"])
async def test_only_the_coach_herself_watches(person: str) -> None:
    insights = await small_district()
    call: Any = insights.call("watch_caseload", person)
    with pytest.raises(Fault):
        await watch_caseload(insights.ports.live, call, coach=COACH)
    assert insights.ports.live.hub.readers == 0
