"""Records are kept for the time that the policy in force says, and go by themselves: not before,
not without a report, and not under a legal hold."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest

from services.access import retention
from services.chassis.crash_points import Crashed, crashing
from services.chassis.duties.duty import OPEN
from services.surveys import bootstrap
from tests.component.test_erasures import ADMIN, CANARY, COACH, COUNTS, HER, WHY, Erased
from tests.support.coaching import Coaching
from tests.support.platform import Platform
from tests.support.policies import signed, with_keys
from tests.support.staff import Staffed

POLICIES, STATEMENTS = "/privacy/v1/policies", "/privacy/v1/statements"
CLASSES = ("goals", "observations", "relationships", "surveys")
DAYS = 60
OVER = datetime(2027, 6, 30, 12, tzinfo=UTC)  # the last day of the school year
LAST, GONE = OVER + timedelta(days=DAYS), OVER + timedelta(days=DAYS + 1)
# the relationship ends by itself after the grace, and is kept from then on
ENDED = datetime(2027, 9, 1, 12, tzinfo=UTC)


async def enacted(
    people: Coaching,
    platform: Platform,
    admin: str,
    number: int,
    terms: Mapping[str, Any] = MappingProxyType({}),
    **days: int,
) -> Any:
    """The next version of the policy, with these terms, which keeps these classes for so many
    days."""
    platform.clock.forward(seconds=1)
    words = {"title": f"Version {number}", "text": f"Goals are kept for a time: {number}."}
    made = await people.post(admin, STATEMENTS, words)
    await people.post(admin, f"{STATEMENTS}/{made['statement_id']}/publish")
    body = {
        "number": number,
        "statement_id": made["statement_id"],
        "purposes": ["coaching"],
        "audiences": ["coach", "partner"],
        "acknowledge_before_sharing": False,
        "leaders_see": "nothing",
        "retention": [{"record": each, "days": days[each]} for each in days],
        "teacher_first_hours": 0,
        "recording": "none",
        "representatives_sign": 0,
        **terms,
    }
    policy = await people.post(admin, POLICIES, body)
    place = f"{POLICIES}/{policy['policy_id']}/sign"
    for key in ("district", "union")[: 1 + policy["representatives_needed"]]:
        policy = await people.post(admin, place, signed(policy, key))
    assert policy["state"] == "enacted"
    await platform.settle()
    return policy


class Keeping(Erased):
    """A coached teacher with work of every kind, in a district with keys."""

    def __init__(self) -> None:
        super().__init__()
        with patch.object(bootstrap, "MemorySeats", lambda: self.sheets):
            self.platform = Staffed(with_keys("union"))
        self.people = Coaching(self.platform)

    async def enacts(
        self, number: int, terms: Mapping[str, Any] = MappingProxyType({}), **days: int
    ) -> Any:
        return await enacted(self.people, self.platform, ADMIN, number, terms, **days)

    async def at(self, instant: datetime) -> None:
        self.platform.clock.set(instant)
        await self.platform.settle()

    async def report(self) -> Any:
        return await self.get(ADMIN, "/privacy/v1/retention")

    async def found(self, name: str) -> Any:
        return {each["record"]: each for each in (await self.report())["records"]}[name]


@pytest.fixture
async def keeping() -> Keeping:
    kept = Keeping()
    await kept.begin()
    return kept


async def test_what_has_had_its_time_goes_by_itself_and_not_a_day_before(keeping: Keeping) -> None:
    await keeping.enacts(1, {}, **dict.fromkeys(CLASSES, DAYS))
    await keeping.at(LAST)
    assert await keeping.there() == set(COUNTS)
    await keeping.at(GONE)
    assert await keeping.there() == {"programs"}
    assert keeping.holds(CANARY, "canary-note") == set()
    await keeping.at(ENDED)
    await keeping.at(ENDED + timedelta(days=DAYS))
    assert await keeping.there() == {"programs"}
    await keeping.at(ENDED + timedelta(days=DAYS + 1))
    assert await keeping.there() == set()


async def test_a_report_says_what_goes_when_and_of_nobody(keeping: Keeping) -> None:
    assert (await keeping.report())["records"] == []
    await keeping.enacts(1, goals=DAYS, looks=9)
    told = await keeping.report()
    goals, looks = told["records"]
    assert told["waits"] == "notice"
    assert goals["years"] == [{"school_year": 2027, "records": 2, "goes_on": "2027-08-30"}]
    assert (goals["due"], goals["erased"], goals["complete"]) == (0, 0, True)
    assert (looks["said_at"] is None, looks["erased"]) == (False, 0)
    await keeping.at(GONE)
    goals = await keeping.found("goals")
    assert (goals["years"], goals["due"], goals["erased"]) == ([], 0, 2)
    for hers in (HER, COACH, "teacher-", "coach-"):
        assert hers not in repr(await keeping.report())


async def test_only_the_district_reads_the_report(keeping: Keeping) -> None:
    for who in (HER, COACH, "app?goals.read"):
        assert await keeping.status(who, "/privacy/v1/retention") == 403


async def test_nothing_goes_before_the_policy_has_been_in_force_for_a_week(
    keeping: Keeping,
) -> None:
    await keeping.at(GONE)
    await keeping.enacts(1, goals=DAYS)
    assert (await keeping.found("goals"))["due"] == 2
    await keeping.at(GONE + timedelta(days=6))
    assert "goals" in await keeping.there()
    await keeping.at(GONE + timedelta(days=8))
    assert "goals" not in await keeping.there()


async def test_a_legal_hold_keeps_it_until_it_is_lifted(keeping: Keeping) -> None:
    await keeping.enacts(1, goals=DAYS)
    order = f"/privacy/v1/erasures/{HER}"
    (await keeping.send(ADMIN, f"{order}/hold", WHY)).raise_for_status()
    await keeping.at(GONE)
    goals = await keeping.found("goals")
    assert (goals["held"], goals["erased"]) == (1, 1)  # the one beside her is not held
    assert "goals" in await keeping.there()
    (await keeping.send(ADMIN, f"{order}/release", WHY)).raise_for_status()
    await keeping.at(GONE + timedelta(days=1))
    assert "goals" not in await keeping.there()


async def test_with_more_holds_than_can_be_told_nothing_goes(keeping: Keeping) -> None:
    await keeping.enacts(1, goals=DAYS)
    (await keeping.send(ADMIN, f"/privacy/v1/erasures/{COACH}/hold", WHY)).raise_for_status()
    with (
        patch("services.privacy.retention.domain.MOST_HELD", 0),
        patch("services.privacy.retention.duties.MOST_HELD", 0),
    ):
        await keeping.at(GONE)
    assert (await keeping.report())["waits"] == "holds"
    assert "goals" in await keeping.there()


async def test_what_was_asked_a_while_ago_erases_nothing(keeping: Keeping) -> None:
    """A service that was away: a hold may have been placed since."""
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(GONE)
    privacy = keeping.platform.services["privacy"]
    assert privacy.duties is not None
    assert privacy.relay is not None
    await privacy.duties.round()
    await privacy.relay.round()
    (await keeping.send(ADMIN, f"/privacy/v1/erasures/{HER}/hold", WHY)).raise_for_status()
    keeping.platform.clock.forward(minutes=11)
    await keeping.platform.settle()
    assert "goals" in await keeping.there()


async def test_what_was_touched_later_is_kept_from_then_on(keeping: Keeping) -> None:
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(OVER + timedelta(days=20))
    goal = keeping.work["goals"]
    await keeping.people.post(HER, f"/goals/v1/goals/{goal}/achieve")
    await keeping.at(GONE)
    assert "goals" in await keeping.there()
    assert (await keeping.found("goals"))["later"] == 1
    await keeping.at(GONE + timedelta(days=20))
    assert "goals" not in await keeping.there()


async def test_a_policy_that_keeps_it_for_good_stops_the_clock(keeping: Keeping) -> None:
    await keeping.enacts(1, goals=DAYS)
    await keeping.enacts(2)
    assert (await keeping.report())["records"] == []
    await keeping.at(GONE + timedelta(days=30))
    assert "goals" in await keeping.there()
    todos = keeping.platform.services["privacy"].backing.todos("privacy-duties")
    assert not [each.id for each in await todos.list([OPEN]) if each.duty == "ask_retention"]


async def test_it_goes_some_at_a_time(keeping: Keeping) -> None:
    for _ in range(5):
        await keeping.people.active_goal(COACH, HER)
    await keeping.enacts(1, goals=DAYS)
    with patch.object(retention, "BATCH", 2):
        await keeping.at(GONE)
    assert (await keeping.found("goals"))["erased"] == 7
    assert "goals" not in await keeping.there()


@pytest.mark.parametrize("point", ["W1", "W2", "D1", "D2", "R1", "E1"])
async def test_a_crash_anywhere_leads_to_the_same(keeping: Keeping, point: str) -> None:
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(GONE)
    crashed = 0

    def die(passed: str) -> None:
        if passed == point:
            raise Crashed

    for _ in range(3):
        with crashing(die), contextlib.suppress(Crashed):
            await keeping.platform.settle()
            crashed -= 1
        crashed += 1
        keeping.platform.clock.forward(seconds=40)  # what was taken is free again
    assert crashed
    await keeping.platform.settle()
    assert (await keeping.found("goals"))["erased"] == 2
    assert "goals" not in await keeping.there()
