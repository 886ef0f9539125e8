"""What a teacher shares with those who are at one community meeting is read by them alone, from
when it begins until some time after it, as long as she is at it and lets them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.sharing import PATHS, SHARES, Sharing, released_results
from tests.support.staff import Held
from tests.support.twice import GOAL, TEACHES

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PATH = "/programs/v1/community-meetings"
KINDS = pytest.mark.parametrize("kind", ["goal", "administration"])


class Meeting(Sharing):
    """One of `teacher`, `peer` and `colleague` that `other` facilitates, tomorrow for an hour."""

    meeting = ""

    async def begin(self) -> Meeting:
        more: dict[str, Held | None] = {"colleague": TEACHES, "third": TEACHES}
        await self.north.roster(**more)
        await self.north.coached()
        aims = {"aims_at": "students"}
        self.made["goal"] = await self.people.active_goal("coach", "teacher", **aims)
        self.made["administration"] = await released_results(self.north, "teacher")
        self.meeting = await self.plan()
        for who in ("teacher", "peer"):
            await self.act(who, "join")
        await self.north.settle()
        return self

    async def plan(self) -> str:
        planned = {
            "starts_at": self.at(DAY),
            "minutes": 60,
            "member_ids": ["teacher", "peer", "colleague"],
        }
        made = await self.ask("coach", "POST", PATH, planned)
        assert made.status_code == 201, made.text
        return str(made.json()["community_meeting_id"])

    async def act(self, who: str, how: str, body: Any = None) -> None:
        path = f"{PATH}/{self.meeting}/{how}".rstrip("/")
        answer = await self.ask(who, "POST" if how else "PATCH", path, body)
        assert answer.status_code == 200, answer.text
        await self.north.settle()

    async def with_meeting(self, kind: str, until: timedelta = 3 * DAY, **more: Any) -> Any:
        said = {"community_meeting_id": self.meeting, "audience": [], **more}
        body = self.body(kind, expires_at=self.at(until), **said)
        return await self.ask("teacher", "POST", SHARES[kind], body)

    async def shared(self, kind: str, until: timedelta = 3 * DAY) -> str:
        made = await self.with_meeting(kind, until)
        assert made.status_code == 201, made.text
        return str(made.json()[f"{kind}_share_id"])

    def forward(self, by: timedelta) -> None:
        self.north.clock.set(self.north.clock.now() + by)


@pytest.fixture
async def north() -> Meeting:
    return await Meeting().begin()


@KINDS
async def test_who_is_at_it_reads_from_its_beginning_to_the_end_that_was_said(
    north: Meeting, kind: str
) -> None:
    share = await north.shared(kind)
    north.forward(DAY - timedelta(milliseconds=1))
    assert (await north.read(kind), await north.received(kind)) == (404, [])
    north.forward(timedelta(milliseconds=1))
    assert await north.read(kind) == 200
    (told,) = await north.received(kind)
    assert (told[f"{kind}_share_id"], told["community_meeting_id"]) == (share, north.meeting)
    for who in ("colleague", "third", "leader", "admin", "south/peer"):
        assert await north.read(kind, who) in (403, 404), who
    for who in ("colleague", "third", "teacher"):
        assert await north.received(kind, who) == [], who
    assert [len(await north.received(kind, "coach"))] == [1]  # who facilitates it
    north.forward(2 * DAY)
    assert (await north.read(kind), await north.received(kind)) == (404, [])
    await north.north.settle()
    seen = await north.seen(kind, share)
    assert (seen["state"], seen["audience"]) == ("expired", [])


@KINDS
async def test_who_comes_reads_from_then_on_and_who_leaves_no_more(
    north: Meeting, kind: str
) -> None:
    await north.shared(kind)
    north.forward(DAY)
    assert await north.read(kind, "colleague") == 404
    await north.act("colleague", "join")
    assert await north.read(kind, "colleague") == 200
    await north.act("peer", "step-out")
    assert (await north.read(kind), await north.received(kind)) == (404, [])
    assert await north.read(kind, "colleague") == 200


@KINDS
async def test_nobody_reads_once_she_has_left(north: Meeting, kind: str) -> None:
    share = await north.shared(kind)
    north.forward(DAY)
    assert await north.read(kind) == 200
    await north.act("teacher", "step-out")
    assert (await north.read(kind), await north.received(kind)) == (404, [])
    seen = await north.seen(kind, share)
    assert seen["warnings"] == ["ends_soon", "not_at_meeting"]
    assert seen["allowed"] == [f"revoke_{kind}_share"]


@KINDS
async def test_she_takes_it_back_at_any_time(north: Meeting, kind: str) -> None:
    share = await north.shared(kind)
    north.forward(DAY)
    assert await north.read(kind) == 200
    assert (await north.revoke(kind, share)).status_code == 200
    assert (await north.read(kind), await north.received(kind)) == (404, [])


@KINDS
async def test_of_one_that_was_moved_it_opens_when_that_begins(north: Meeting, kind: str) -> None:
    share = await north.shared(kind, 30 * HOUR)
    await north.act("coach", "", {"starts_at": north.at(2 * DAY)})
    seen = await north.seen(kind, share)
    assert seen["warnings"] == ["ends_soon", "ends_before_meeting"]
    north.forward(DAY + HOUR)
    assert await north.read(kind) == 404
    longer = await north.shared(kind)
    north.forward(DAY)
    assert await north.read(kind) == 200
    assert "ends_before_meeting" not in (await north.seen(kind, longer))["warnings"]


async def test_who_comes_to_lead_reads_nothing_by_a_meeting(north: Meeting) -> None:
    await north.shared("goal")
    north.forward(DAY)
    assert await north.read("goal") == 200
    await north.north.roster(
        colleague=TEACHES, third=TEACHES, peer=[*TEACHES, ("principal", "", "")]
    )
    assert (await north.read("goal"), await north.received("goal")) == (404, [])


async def test_another_meeting_of_the_same_teachers_opens_nothing(north: Meeting) -> None:
    await north.shared("goal")
    await north.act("peer", "step-out")
    north.meeting = await north.plan()
    for who in ("teacher", "peer"):
        await north.act(who, "join")
    north.forward(DAY)
    assert await north.read("goal") == 404


@pytest.mark.parametrize(
    ("until", "more", "code", "pointer"),
    [
        (3 * DAY, {"community_meeting_id": "none"}, "unknown_meeting", "/community_meeting_id"),
        (3 * DAY, {"community_meeting_id": None}, "audience_or_meeting", "/audience"),
        (3 * DAY, {"audience": [{"person_id": "peer"}]}, "audience_or_meeting", "/audience"),
        (3 * DAY, {"once": True}, "once_at_meeting", "/once"),
        (DAY + HOUR, {}, "expires_before_meeting_ends", "/expires_at"),
        (32 * DAY, {}, "expires_too_late", "/expires_at"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_stored(
    north: Meeting, until: timedelta, more: dict[str, Any], code: str, pointer: str
) -> None:
    refused = await north.with_meeting("goal", until, **more)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, code)
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert (await north.ask("teacher", "GET", SHARES["goal"])).json()["goal_shares"] == []


async def test_who_was_only_asked_to_come_shares_nothing_with_it(north: Meeting) -> None:
    await north.act("teacher", "step-out")
    assert (await north.with_meeting("goal")).json()["code"] == "unknown_meeting"


async def test_only_what_is_of_a_class_as_a_whole_is_shared_with_a_meeting(
    north: Meeting,
) -> None:
    north.made["goal"] = await north.people.active_goal("coach", "teacher", aims_at="practice")
    refused = await north.with_meeting("goal")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_about_students")
    at = {"expires_at": north.at(3 * DAY), "community_meeting_id": north.meeting}
    body = {"observation_id": "o-1", "audience": [], "purpose": "peer_learning", **at}
    unknown = await north.ask("teacher", "POST", SHARES["observation"], body)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid_request")


async def test_a_draft_which_may_come_to_aim_at_something_else_is_not_either(
    north: Meeting,
) -> None:
    draft = {"teacher_id": "teacher", **GOAL, "measure_id": "talk", "aims_at": "students"}
    north.made["goal"] = (await north.people.post("coach", PATHS["goal"], draft))["goal_id"]
    refused = await north.with_meeting("goal")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_about_students")
