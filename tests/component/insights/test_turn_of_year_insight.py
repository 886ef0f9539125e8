"""Who is on a caseload when days pass and nothing is published: summers, roles, the roster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.access.districts import District
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import Message, MessageKind
from tests.support.insight import COACH, OTHER_COACH, YEAR, Insights, small_district

NEXT = YEAR + 1
JULY = datetime(2027, 7, 1, tzinfo=UTC)
SEPTEMBER = datetime(2027, 9, 1, tzinfo=UTC)


async def caseload(insights: Insights, coach: str = COACH, year: int = 0) -> dict[str, Any]:
    """By teacher."""
    query = f"?school_year={year}" if year else ""
    async with insights.client(f"north/{coach}") as client:
        answer = await client.get(f"/insights/v1/caseload{query}")
    assert answer.status_code == 200, answer.text
    return {each["teacher_id"]: each for each in answer.json()["entries"]}


async def card(insights: Insights, who: str, teacher: str, status: int = 200) -> Any:
    async with insights.client(f"north/{who}") as client:
        answer = await client.get(f"/insights/v1/cards/{teacher}")
    assert answer.status_code == status, answer.text
    return answer.json().get("entry")


def marks(entries: dict[str, Any]) -> dict[str, int | None]:
    return {teacher: each["from_school_year"] for teacher, each in entries.items()}


def goals(entry: Any) -> set[str]:
    return {each["goal_id"] for each in entry["open_goals"]}


async def at_the_turn() -> Insights:
    """July 1: of the coach's teachers `t1` is carried over, `t2` not, and `t3` is new to her;
    each has a goal of last year."""
    insights = await small_district()
    for teacher in ("t1", "t2", "t3"):
        insights.progress(teacher, 12)
    insights.coached("t1", year=NEXT)
    insights.coached("t3", year=NEXT)
    await insights.settle()
    insights.clock._now = JULY
    return insights


async def test_before_the_turn_nothing_of_the_coming_year_is_shown() -> None:
    insights = await at_the_turn()
    insights.clock._now = datetime(2027, 6, 30, 23, 59, tzinfo=UTC)
    assert marks(await caseload(insights)) == {"t1": None, "t2": None}
    assert await caseload(insights, year=NEXT) == {}
    await card(insights, COACH, "t3", 404)


async def test_at_the_turn_last_year_is_shown_until_it_is_carried_over() -> None:
    insights = await at_the_turn()
    found = await caseload(insights)
    assert marks(found) == {"t1": None, "t2": YEAR, "t3": None}
    assert found == await caseload(insights, year=NEXT)
    for teacher, entry in found.items():  # open goals of the old year remain visible
        assert goals(entry) == {f"goal-{teacher}"}
        assert entry["given_name"] == teacher.title()
        assert await card(insights, COACH, teacher) == entry
    assert marks(await caseload(insights, year=YEAR)) == {"t1": None, "t2": None}
    assert marks(await caseload(insights, OTHER_COACH)) == {"t3": YEAR}
    insights.coached("t2", year=NEXT)
    await insights.settle()
    assert marks(await caseload(insights)) == {"t1": None, "t2": None, "t3": None}


async def test_a_teacher_sees_both_years_whoever_coaches_her() -> None:
    insights = await at_the_turn()
    for teacher in ("t1", "t2", "t3"):
        assert goals(await card(insights, teacher, teacher)) == {f"goal-{teacher}"}
    assert await card(insights, "t4", "t4")  # of whom nothing is known but her name


async def test_the_grace_ends_on_its_day() -> None:
    insights = await at_the_turn()
    insights.clock._now = datetime(2027, 8, 31, 23, 59, tzinfo=UTC)
    assert marks(await caseload(insights)) == {"t1": None, "t2": YEAR, "t3": None}
    insights.clock._now = SEPTEMBER
    found = await caseload(insights)
    assert marks(found) == {"t1": None, "t3": None}
    assert goals(found["t1"]) == set()  # it is on the card of its own year
    assert await caseload(insights, year=YEAR) == {}
    assert await caseload(insights, OTHER_COACH) == {}
    await card(insights, COACH, "t2", 404)


async def watching(insights: Insights, year: int) -> Watch:
    call: Any = insights.call("watch_caseload")
    watch = await watch_caseload(insights.ports.live, call, school_year=year)
    await news(watch)
    return watch


async def news(watch: Watch) -> list[Message]:
    """What waits, but for the order."""
    found = []
    while (message := await watch.reader.mailbox.take(0.0)) is not None:
        found += [] if message.kind is MessageKind.ORDER else [message]
    return found


def told(messages: list[Message]) -> list[tuple[MessageKind, str]]:
    return sorted(
        (each.kind, each.entry.card.teacher if each.entry else each.teacher) for each in messages
    )


async def test_live_in_the_summer_a_change_of_either_year_is_told() -> None:
    insights = await at_the_turn()
    watch = await watching(insights, NEXT)
    for teacher in ("t1", "t2", "t3"):
        insights.progress(teacher, 15)
        await insights.settle()
        (message,) = await news(watch)
        assert message.entry is not None
        assert message.entry.open_goals[0].current == 15
        assert message.entry.from_school_year == (YEAR if teacher == "t2" else 0)
    insights.coached("t2", active=False)
    await insights.settle()
    assert told(await news(watch)) == [(MessageKind.GONE, "t2")]


async def test_live_whose_grace_has_ended_is_gone() -> None:
    insights = await at_the_turn()
    watch = await watching(insights, NEXT)
    place = insights.ports.live.hub.token(watch.reader)
    insights.clock._now = SEPTEMBER
    await insights.ports.live.hub.evaluate()
    assert (MessageKind.GONE, "t2") in told(await news(watch))
    call: Any = insights.call("watch_caseload")
    again = await watch_caseload(insights.ports.live, call, school_year=NEXT, token=place)
    assert (await news(again))[0].kind is MessageKind.RESET  # the place is of another list by now


@pytest.mark.parametrize("live", [True, False])
async def test_a_teacher_who_has_left_the_roster_is_on_no_caseload(live: bool) -> None:
    insights = await small_district()
    watch = await watching(insights, YEAR) if live else None
    insights.person("t1", active=False)
    await insights.settle()
    if watch is not None:
        assert told(await news(watch)) == [(MessageKind.GONE, "t1")]
    assert list(await caseload(insights)) == ["t2"]
    await card(insights, COACH, "t1", 404)
    insights.person("t1")
    await insights.settle()
    assert sorted(await caseload(insights)) == ["t1", "t2"]
    if watch is not None:
        assert told(await news(watch)) == [(MessageKind.ENTRY, "t1")]


async def test_a_coach_whose_role_has_ended_has_no_caseload() -> None:
    insights = await small_district()
    watch = await watching(insights, YEAR)
    assert len(await caseload(insights)) == 2
    insights.person(COACH, "aide")
    await insights.settle()
    assert await caseload(insights) == {}
    await card(insights, COACH, "t1", 404)
    await insights.ports.live.hub.evaluate()
    assert told(await news(watch)) == [(MessageKind.GONE, "t1"), (MessageKind.GONE, "t2")]
    insights.person(COACH, "ext:coach")
    insights.progress("t2", 15)
    await insights.settle()  # word of one card is enough to look at all of them
    assert told(await news(watch)) == [(MessageKind.ENTRY, "t1"), (MessageKind.ENTRY, "t2")]


async def test_a_coach_who_comes_to_lead_loses_whoever_has_not_been_told() -> None:
    insights = await small_district(District(administrators_may_coach=True))
    insights.person(COACH, "ext:coach", "principal")
    insights.coached("t2", told=True)
    await insights.settle()
    assert list(await caseload(insights)) == ["t2"]
    await card(insights, COACH, "t1", 404)
    assert await card(insights, COACH, "t2")


@pytest.mark.parametrize("first", [0, 1])
async def test_live_a_teacher_comes_once_both_views_know_of_her(first: int) -> None:
    """The cards and the access view are projected apart, and either may be ahead."""
    insights = await small_district()
    watch = await watching(insights, YEAR)
    insights.coached("t4")
    views = [insights.service.projectors[0], insights.service.projectors[-1]]
    changes = [[f"north:t4:{YEAR}"], ["north:t4"]]
    for each in (first, 1 - first):
        assert await news(watch) == []
        while views[each].source.behind(views[each].positions()):
            await views[each].round()
        await insights.ports.live.hub.changed(changes[each])
        await insights.ports.live.hub.look_at_people()
    assert told(await news(watch)) == [(MessageKind.ENTRY, "t4")]
    assert sorted(await caseload(insights)) == ["t1", "t2", "t4"]
