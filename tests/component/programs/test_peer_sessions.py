"""Sessions of a pair or a group among themselves: who records them, when, and who sees them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.programs.session import bounds
from tests.component.programs.test_circles import act, group, paired
from tests.component.programs.test_coaching_sessions import HELD, LIST, Sessions, wire
from tests.support.staff import PEOPLE, Held, staffed

SERIES = "/programs/v1/session-series"
TOGETHER = (409, "not_together")
GONE = (404, "not_found")


class Peers(Sessions):
    """`teacher` and `peer` are a pair, whom `coach` coaches; `third` is of none."""

    def __init__(self, sessions: Sessions, circle: Any) -> None:
        super().__init__(sessions.north)
        self.circle = circle

    def asks(self, **more: Any) -> dict[str, Any]:
        at = wire(self.north.clock.now())
        return {"circle_id": self.circle["circle_id"], "starts_at": at, **more}

    async def met(self, who: str = "teacher", **more: Any) -> str:
        made = await self.send(who, LIST, self.asks(**more))
        assert made.status_code == 201, made.text
        return f"{LIST}/{made.json()['coaching_session_id']}"

    async def told(self, path: str, who: str = "teacher") -> Any:
        return (await self.send(who, path, verb="GET")).json()


@pytest.fixture
async def peers() -> Peers:
    more: dict[str, Held | None] = {"third": PEOPLE["teacher"]}
    north = await staffed(None, **more)
    await north.coached("coach", "teacher")
    return Peers(Sessions(north), await paired(north, [], []))


async def test_either_of_a_pair_plans_holds_writes_and_puts_right_what_both_see(
    peers: Peers,
) -> None:
    made = (await peers.send("teacher", LIST, peers.asks())).json()
    assert (made["kind"], made["coach_id"], made["state"]) == ("peer", "", "scheduled")
    assert [each["teacher_id"] for each in made["teachers"]] == ["teacher", "peer"]
    assert made["circle_id"] == peers.circle["circle_id"]
    path = f"{LIST}/{made['coaching_session_id']}"
    later = {"starts_at": peers.ago(minutes=1)}
    assert (await peers.send("peer", path, later, "PATCH")).is_success
    held = await peers.send("peer", f"{path}/hold", HELD)
    assert (held.json()["state"], held.json()["minutes"]) == ("held", 60)
    wrote = {"summary": "We ask, and wait"}
    assert (await peers.send("teacher", f"{path}/summarize", wrote)).is_success
    right = {"summary": "We ask less, and wait", "reason": "Hers was better"}
    told = (await peers.send("peer", f"{path}/correct", right)).json()
    assert told["corrections"][0]["corrected_by"] == "peer"
    for who in ("teacher", "peer"):
        assert (await peers.told(path, who))["summary"] == right["summary"]
        assert await peers.listed(who) == [made["coaching_session_id"]]
    gone = (await peers.send("teacher", f"{path}/void", {"reason": "Twice"})).json()
    assert gone["state"] == "voided"


async def test_nobody_else_is_told_of_it_nor_her_coach(peers: Peers) -> None:
    path = await peers.met()
    for who in ("coach", "third", "other", "leader", "admin"):
        assert await peers.code(who, path, verb="GET") == GONE, who
        assert await peers.code(who, f"{path}/hold", HELD) == GONE, who
    assert await peers.listed("coach", "teacher_id=teacher") == []
    assert await peers.code("third", LIST, peers.asks()) == GONE
    assert await peers.code("coach", LIST, peers.asks(coach_id="coach")) == GONE
    missing = peers.asks(circle_id="no-circle")
    assert await peers.code("teacher", LIST, missing) == GONE


async def test_of_two_at_once_one_records_its_minutes(peers: Peers) -> None:
    path = await peers.met()
    both = (peers.code(who, f"{path}/hold", HELD) for who in ("teacher", "peer"))
    assert sorted(each[0] for each in await asyncio.gather(*both)) == [200, 409]
    assert (await peers.told(path))["minutes"] == 60


async def test_it_is_missed_and_called_off_as_any_other(peers: Peers) -> None:
    path = await peers.met()
    missed = await peers.send("peer", f"{path}/miss", {"barriers": ["time"]})
    assert (missed.json()["state"], missed.json()["barriers"]) == ("missed", ["time"])
    path = await peers.met("peer")
    assert (await peers.send("teacher", f"{path}/cancel")).json()["state"] == "cancelled"


async def test_where_one_alone_came_it_was_missed(peers: Peers) -> None:
    path = await peers.met()
    alone = {**HELD, "attended_ids": ["teacher"]}
    refused = (422, "too_few_came", "/attended_ids")
    assert await peers.code("teacher", f"{path}/hold", alone) == refused


async def test_what_is_sent_must_fit_a_circle(peers: Peers) -> None:
    for more, told in (
        ({"coach_id": "coach"}, (422, "no_coach", "/coach_id")),
        ({"kind": "group"}, (422, "no_coach", "/kind")),
        ({"teacher_ids": ["peer"]}, (422, "caller_missing", "/teacher_ids")),
        ({"teacher_ids": ["teacher"]}, (422, "teachers_of_kind", "/teacher_ids")),
        ({"teacher_ids": ["teacher", "third"]}, (422, "not_joined", "/teacher_ids/1")),
        (
            {"starts_at": wire(peers.north.clock.now() + timedelta(days=365))},
            (422, "another_school_year", "/starts_at"),
        ),
    ):
        assert await peers.code("teacher", LIST, peers.asks(**more)) == told, more
    alone = {"kind": "peer", "starts_at": peers.ago(), "teacher_ids": ["teacher"]}
    assert await peers.code("teacher", LIST, {**alone, "coach_id": "coach"}) == (
        *(422, "circle_needed"),
        "/circle_id",
    )


async def test_a_pair_that_is_paused_records_nothing_but_calls_off(peers: Peers) -> None:
    path, other = await peers.met(), await peers.met()
    await act(peers.north, "peer", peers.circle, "pause")
    for how, body in (("hold", HELD), ("miss", None)):
        assert await peers.code("teacher", f"{path}/{how}", body) == TOGETHER, how
    assert await peers.code("teacher", path, {"starts_at": peers.ago()}, "PATCH") == TOGETHER
    assert await peers.code("teacher", LIST, peers.asks()) == TOGETHER
    assert (await peers.send("teacher", f"{other}/cancel")).is_success
    await act(peers.north, "peer", peers.circle, "resume")
    assert (await peers.send("teacher", f"{path}/hold", HELD)).is_success


async def test_what_an_ended_pair_had_planned_is_called_off_and_what_was_held_stays(
    peers: Peers,
) -> None:
    planned, held = await peers.met(), await peers.met()
    await peers.send("peer", f"{held}/hold", HELD)
    await act(peers.north, "peer", peers.circle, "end")
    for who in ("teacher", "peer"):
        assert (await peers.told(planned, who))["state"] == "cancelled"
        assert (await peers.told(held, who))["state"] == "held"
    wrote = {"summary": "We ask, and wait"}
    assert await peers.code("teacher", f"{held}/summarize", wrote) == TOGETHER
    assert (await peers.send("teacher", f"{held}/void", {"reason": "Never was"})).is_success


async def test_who_leaves_a_group_is_awaited_no_more(peers: Peers) -> None:
    circle = await group(peers.north, ["teacher", "peer", "third"])
    for each in ("teacher", "peer", "third"):
        await act(peers.north, each, circle, "join")
    peers.circle = circle
    path, two = await peers.met(), await peers.met("third", teacher_ids=["third", "peer"])
    assert await peers.code("coach", path, verb="GET") == GONE  # who facilitates it
    await act(peers.north, "third", circle, "step-out")
    assert await peers.code("third", path, verb="GET") == GONE
    assert (await peers.told(two, "peer"))["state"] == "cancelled"
    held = (await peers.send("peer", f"{path}/hold", HELD)).json()
    assert [each["teacher_id"] for each in held["teachers"]] == ["teacher", "peer"]
    assert held["invited"] == 3


async def test_what_was_planned_of_two_who_both_leave_at_once_is_called_off(peers: Peers) -> None:
    circle = await group(peers.north, ["teacher", "peer", "third"])
    for each in ("teacher", "peer", "third"):
        await act(peers.north, each, circle, "join")
    peers.circle = circle
    path = await peers.met("third", teacher_ids=["third", "peer"])
    for each in ("third", "peer"):  # before anything follows it
        gone = f"/programs/v1/circles/{circle['circle_id']}/step-out"
        assert (await peers.send(each, gone)).is_success
    await peers.north.settle()
    assert (await peers.told(path, "third"))["state"] == "cancelled"


async def test_who_may_lead_by_now_is_told_of_none(peers: Peers) -> None:
    path = await peers.met()
    await peers.send("teacher", f"{path}/hold", HELD)
    more: dict[str, Held | None] = {"peer": [*PEOPLE["peer"], *PEOPLE["leader"]]}
    await peers.north.roster(**more, third=PEOPLE["teacher"])
    assert await peers.code("peer", path, verb="GET") == GONE
    assert await peers.listed("peer") == await peers.listed("peer", "teacher_id=peer") == []
    assert (await peers.told(path))["minutes"] == 60


async def test_sessions_of_a_pair_come_again(peers: Peers) -> None:
    asked = peers.asks(every_weeks=1, occurrences=3, starts_at=peers.ago(hours=-1))
    made = (await peers.send("teacher", SERIES, asked)).json()
    ended = await peers.send("peer", f"{SERIES}/{made['series_id']}/end")
    assert {each["state"] for each in ended.json()["coaching_sessions"]} == {"cancelled"}
    assert await peers.code("coach", f"{SERIES}/{made['series_id']}/end") == GONE


async def test_neither_circles_nor_a_colleague_take_all_her_places(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BY_ONE", 1)
    await peers.met()
    full = (409, "too_many_sessions")
    assert await peers.code("teacher", LIST, peers.asks()) == full
    monkeypatch.setattr(bounds, "MOST_OF_THE_TWO", 2)
    await peers.met("peer")
    assert await peers.code("peer", LIST, peers.asks()) == full
    await peers.plan("teacher")  # her coach still finds one


async def test_the_next_one_is_told_to_both_and_what_was_held_is_on_their_timelines_alone(
    peers: Peers,
) -> None:
    ahead = wire(peers.north.clock.now() + timedelta(hours=1))
    await peers.met(starts_at=ahead)
    path = await peers.met("peer")
    await peers.send("teacher", f"{path}/hold", HELD)
    await peers.north.settle()
    for who in ("teacher", "peer"):
        found = await peers.north.ask(f"north/{who}", "GET", "/insights/v1/pairs")
        assert found.json()["pairs"][0]["next_session_at"] == ahead
        assert found.json()["pairs"][0]["own"]["last_contact_at"] is None or who == "teacher"
        mine = await peers.north.ask(f"north/{who}", "GET", "/insights/v1/timeline")
        assert "coaching_session" in {each["kind"] for each in mine.json()["items"]}
    hers = await peers.north.ask("north/coach", "GET", "/insights/v1/timeline?teacher_id=teacher")
    assert "coaching_session" not in {each["kind"] for each in hers.json()["items"]}
