"""A share with those who are at a community meeting is over when that is called off, or is no more:
its owner is told so as what it is, and once."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.programs.meeting.codec import COMMUNITY_MEETINGS
from tests.component.test_meeting_shares import DAY, KINDS, PATH, Meeting
from tests.support.sharing import SERVICES, SHARES, late_share

ENDED = pytest.mark.parametrize("how", ["called off", "erased"])


class Ended(Meeting):
    """`end` does not wait until anybody has heard of it."""

    async def end(self, how: str = "called off") -> None:
        if how == "called off":
            answer = await self.ask("coach", "POST", f"{PATH}/{self.meeting}/cancel")
            assert answer.status_code == 200, answer.text
            return
        backing = self.north.services["programs"].backing
        path = WritePath(backing.store, COMMUNITY_MEETINGS, self.north.clock, backing.bell)
        call = Call("", Principal("north", duty="erase_community_meetings"))
        await path.erase(call, self.meeting, lambda each: each.erase())

    async def stands(self, kind: str, share: str) -> Any:
        seen = await self.seen(kind, share)
        return seen["state"], seen["closed_at"] is not None, seen["warnings"], seen["allowed"]

    async def told(self, kind: str, share: str) -> list[str]:
        """What was published of it."""
        journal = self.north.services[SERVICES[kind]].backing.journal
        found = await journal.read("north", None, "", 100, share)
        return [each.event.type.rpartition("Share")[2] for each in found]


OVER: tuple[str, bool, list[str], list[str]] = ("called_off", True, [], [])


@pytest.fixture
async def north() -> Ended:
    made = Ended()
    await made.begin()
    return made


@KINDS
@ENDED
async def test_it_is_over_by_itself_and_its_owner_is_told_why(
    north: Ended, kind: str, how: str
) -> None:
    share = await north.shared(kind)
    north.forward(DAY)
    assert await north.read(kind) == 200
    await north.end(how)
    await north.north.settle()
    assert await north.stands(kind, share) == OVER
    seen = await north.seen(kind, share)
    assert (seen["closed_at"], seen["community_meeting_id"]) == (north.at(DAY * 0), north.meeting)
    assert (await north.read(kind), await north.received(kind)) == (404, [])
    again = await north.revoke(kind, share)
    assert (again.status_code, again.json()["code"]) == (409, "share_over")


@KINDS
async def test_that_is_said_once_however_often_it_is_heard(north: Ended, kind: str) -> None:
    """The event comes on the key of each who was of the meeting; what is erased then is told so,
    too; and each is looked at again a day later."""
    share = await north.shared(kind)
    await north.end()
    await north.north.settle()
    before = await north.seen(kind, share)
    await north.end("erased")
    for _ in range(5):
        await north.north.settle()
        north.forward(DAY)
    assert await north.told(kind, share) == ["Created", "CalledOff"]
    assert await north.seen(kind, share) == before
    backing = north.north.services[SERVICES[kind]].backing
    assert not await backing.todos(f"{SERVICES[kind]}-duties").list(("open", "given_up"))


@KINDS
async def test_a_service_that_was_down_ends_it_when_it_is_up(north: Ended, kind: str) -> None:
    share = await north.shared(kind, 20 * DAY)
    await north.end()
    north.forward(10 * DAY)
    assert (await north.seen(kind, share))["state"] == "open"  # nothing has moved yet
    await north.north.settle()
    assert await north.stands(kind, share) == OVER


@KINDS
async def test_one_that_was_made_before_its_service_had_heard_of_it_is_over_a_day_later(
    north: Ended, kind: str
) -> None:
    await north.end()
    await north.north.settle()
    late = await late_share(north.north, kind, north.made[kind], "teacher", meeting=north.meeting)
    await north.north.settle()
    assert (await north.seen(kind, late))["state"] == "open"
    north.forward(DAY)
    await north.north.settle()
    assert await north.stands(kind, late) == OVER
    assert (await north.with_meeting(kind, 5 * DAY)).json()["code"] == "unknown_meeting"


@KINDS
async def test_what_she_has_ended_herself_and_what_is_for_others_stays_as_it_is(
    north: Ended, kind: str
) -> None:
    revoked, named = await north.shared(kind), await north.share(kind)
    assert (await north.revoke(kind, revoked)).status_code == 200
    called_off, north.meeting = north.meeting, await north.plan()
    await north.act("teacher", "join")
    other = await north.shared(kind)
    north.meeting = called_off
    await north.end()
    await north.north.settle()
    states = [(await north.seen(kind, each))["state"] for each in (revoked, named, other)]
    assert states == ["revoked", "open", "open"]
    assert await north.read(kind) == 200  # by the one that names her


async def test_one_that_is_over_makes_room_for_another(north: Ended) -> None:
    share = await north.shared("goal")
    await north.end()
    await north.north.settle()
    north.meeting = await north.plan()
    await north.act("teacher", "join")
    again = await north.shared("goal")
    listed = (await north.ask("teacher", "GET", SHARES["goal"])).json()["goal_shares"]
    states = {each["goal_share_id"]: each["state"] for each in listed}
    assert states == {share: "called_off", again: "open"}
