"""Where an entry of a live caseload stands: it says so itself, before any order is told."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from coaching.programs.v1 import flag_answer_events_pb2 as flag_answers
from services.insights.caseload.domain.flags import FlagCode
from services.insights.caseload.domain.ordering import WEIGHTS, recency
from services.insights.live.stream import MessageKind
from tests.support.insight import DISTRICT, OTHER_COACH, YEAR, Insights, small_district
from tests.support.live_screen import Screen, connect, news, truth, waiting

LATE = WEIGHTS[FlagCode.FEEDBACK_LATE]


async def five_teachers() -> Insights:
    """All of COACH, and nothing to see of any: in the order of their names."""
    insights = await small_district()
    for teacher in ("t3", "t4", "t5"):
        insights.person(teacher)
        insights.coached(teacher)
    await insights.settle()
    return insights


async def test_all_that_comes_first_stands_behind_what_came_before() -> None:
    insights = await five_teachers()
    messages = await waiting(await connect(insights))
    after = [each.after for each in messages if each.kind is MessageKind.ENTRY]
    assert after == ["", *messages[-1].order[:-1]]


async def test_who_moves_up_says_whom_she_stands_behind_now() -> None:
    insights = await five_teachers()
    watch = await connect(insights)
    await waiting(watch)
    then = insights.clock.now()
    insights.observed("t4", shared=False)
    await insights.settle()
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()  # she waits for feedback
    entry, order = (await waiting(watch))[-2:]
    assert (entry.kind, entry.after, order.order[0]) == (MessageKind.ENTRY, "", "t4")
    insights.observed("t2", shared=False, at=then + timedelta(hours=1))  # and met later
    await insights.settle()
    entry, order = await waiting(watch)
    assert entry.entry is not None
    assert (entry.entry.card.teacher, entry.after, order.order[:2]) == ("t2", "t4", ["t4", "t2"])
    (flag,) = entry.entry.flags
    assert entry.need == pytest.approx(LATE * recency(flag.since, insights.clock.now()), abs=1e-4)


async def test_two_who_move_at_once_stand_where_the_order_then_tells() -> None:
    insights = await five_teachers()
    screen, watch = Screen(), await connect(insights)
    for message in await waiting(watch):
        screen.receive(message)
    long_ago = insights.clock.now()
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()
    await waiting(watch)
    for teacher in ("t5", "t4"):
        insights.observed(teacher, shared=False, at=long_ago)
    await insights.project()
    both = [f"{DISTRICT}:{teacher}:{YEAR}" for teacher in ("t5", "t4")]
    await insights.ports.live.hub.changed(both)
    *entries, order = await waiting(watch)
    assert [(each.entry and each.entry.card.teacher, each.after) for each in entries] == [
        ("t5", ""),
        ("t4", ""),
    ]
    for message in entries:
        screen.receive(message)
    assert screen.placed == order.order == ["t4", "t5", "t1", "t2", "t3"]


@pytest.mark.parametrize("seed", range(20))
async def test_a_screen_that_is_told_no_order_stands_as_one_that_is(seed: int) -> None:
    """Whoever comes, goes and changes in one batch, as long as it is the same day."""
    chance = random.Random(seed)
    insights = await five_teachers()
    screen, watch = Screen(), await connect(insights)
    for message in await waiting(watch):
        screen.receive(message)
    long_ago = insights.clock.now()
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()
    for message in await waiting(watch):
        screen.receive(message)
    for _ in range(8):
        for teacher in chance.sample(["t1", "t2", "t3", "t4", "t5"], chance.randrange(1, 5)):
            chance.choice(
                (
                    lambda who: insights.observed(who, shared=False, at=long_ago),
                    lambda who: insights.observed(who, shared=True, at=long_ago),
                    lambda who: insights.progress(who, 12),
                    lambda who: insights.coached(who, active=False),
                    lambda who: insights.coached(who),
                )
            )(teacher)
        insights.clock.forward(seconds=1)
        await insights.settle()
        for message in await news(watch):
            screen.receive(message)
        assert screen.placed == [each.card.teacher for each in await truth(insights)]


async def test_who_moved_behind_somebody_who_then_moves_unsaid_is_put_right() -> None:
    """Need grows less with time, which alone is told by the order: it is told, though it is the
    one of before."""
    insights = await small_district()
    screen, watch = Screen(), await connect(insights)
    insights.observed("t2", shared=False)
    insights.clock.forward(days=1)
    insights.observed("t1", shared=False)
    await insights.settle()
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()
    for message in await waiting(watch):
        screen.receive(message)
    assert screen.order == ["t1", "t2"]
    insights.clock.forward(days=2)
    insights.progress("t1", 12)
    await insights.project()
    both = [f"{DISTRICT}:{teacher}:{YEAR}" for teacher in ("t1", "t2")]
    await insights.ports.live.hub.changed(both)
    entry, order = await waiting(watch)
    assert (entry.after, order.order) == ("t2", ["t1", "t2"])
    screen.receive(entry)
    screen.receive(order)
    assert screen.agrees(await truth(insights))


async def test_a_place_is_of_what_its_reader_is_shown() -> None:
    """Another's list, and what another observed or answered, tell her nothing."""
    insights = await small_district()
    insights.coached("t1", OTHER_COACH)
    await insights.settle()
    hers, others = await connect(insights), await connect(insights, coach=OTHER_COACH)
    await waiting(hers)
    await waiting(others)
    insights.observed("t1", shared=False, by=OTHER_COACH)
    insights.progress("t2", 12)
    await insights.settle()
    insights.clock.forward(days=7)
    await insights.ports.live.hub.evaluate()
    await waiting(hers)
    late = (await news(others))[-1]
    assert late.need > 0
    insights.progress("t1", 15)
    await insights.settle()
    (shown,), (also,) = await news(hers), await news(others)
    assert (shown.need, also.need) == (0, late.need)
    assert also.after in ("", "t3")
    assert late.entry is not None
    said = flag_answers.FlagAnswerSnapshot(
        flag_answer_id="a1", coach_id=OTHER_COACH, teacher_id="t1", school_year=YEAR,
        flag_id=late.entry.flags[0].id, answer=flag_answers.FLAG_ANSWER_KIND_ACKNOWLEDGED,
        state=flag_answers.FLAG_ANSWER_STATE_GIVEN,
    )  # fmt: skip
    said.answered_at.FromDatetime(insights.clock.now())
    insights.publish(flag_answers.FlagAnswerGiven(flag_answer=said), "a1", "t1")
    await insights.settle()
    (calm,) = await news(others)
    assert calm.need == 0
    assert await news(hers) == []


async def test_who_comes_back_is_told_where_each_stands_now() -> None:
    insights = await five_teachers()
    screen, watch = Screen(), await connect(insights)
    for message in await waiting(watch):
        screen.receive(message)
    watch.close()
    insights.observed("t4", shared=False)
    insights.progress("t2", 12)
    insights.coached("t1", active=False)
    await insights.settle()
    insights.clock.forward(days=7)
    for message in await news(await connect(insights, screen.token)):
        screen.receive(message)
    assert screen.placed == [each.card.teacher for each in await truth(insights)]
