"""Who looked is kept for the time that the policy in force says: then the first looks go, what is
left still fits, and numbers go on."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from services.access.days import Days
from services.access.districts import Districts
from services.chassis.crash_points import Crashed, crashing
from services.chassis.troubles import Troubles
from services.privacy.look import duties
from services.privacy.look.collecting import CollectedLooks
from services.privacy.look.looks import Filter
from services.privacy.look.memory_looks import MemoryLooks
from tests.component.test_erasures import ADMIN, BYSTANDER, COACH, HER, WHY
from tests.component.test_retention import GONE, LAST, Keeping
from tests.support.docs_program import program
from tests.support.looks_suite import told

DAYS = 60  # as those of `test_retention`
SINCE_THEN = LAST - timedelta(days=30)  # in the next school year


class Looked(Keeping):
    """The coach has looked at both, in this school year and in the next."""

    async def begin(self) -> Looked:
        await super().begin()
        for instant in (self.platform.clock.now() + timedelta(days=1), SINCE_THEN):
            await self.at(instant)
            for goal in (self.work["goals"], self.beside):
                assert await self.status(COACH, f"/goals/v1/goals/{goal}") in (200, 404)
            await self.platform.settle()
        return self

    async def page(self, who: str = HER) -> Any:
        return await self.get(who, "/privacy/v1/looks?page_size=200")

    async def numbers(self, who: str = HER) -> list[int]:
        return [each["number"] for each in (await self.page(who))["looks"]]

    async def whole(self, who: str = HER) -> str:
        page = await self.page(who)
        return str(program("docs/privacy.md", "check")(page["looks"], page["begins_after"]))


@pytest.fixture
async def looked() -> Looked:
    return await Looked().begin()


def last(numbers: list[int], page: Any) -> int:
    """The number behind which the list begins."""
    begins = page["begins_after"]
    assert begins is not None
    first = int(begins.partition(":")[0])
    assert numbers == list(range(numbers[0], first, -1))
    return first


async def test_what_has_had_its_time_goes_from_the_front_and_not_a_day_before(
    looked: Looked,
) -> None:
    await looked.enacts(1, looks=DAYS)
    before = await looked.page()
    count, end = len(before["looks"]), before["looks"][0]
    assert (before["begins_after"], end["last_at"][:4]) == (None, "2027")
    await looked.at(LAST)
    assert (await looked.numbers(), await looked.whole()) == (list(range(count, 0, -1)), "")
    await looked.at(GONE)
    page = await looked.page()
    first = last([each["number"] for each in page["looks"]], page)
    assert 0 < first < count
    assert page["looks"][0] == end  # with its hash
    assert await looked.whole() == ""
    assert program("docs/privacy.md", "check")(page["looks"]) != ""
    assert page["begins_after"] == f"{first}:{before['looks'][count - first]['hash']}"
    assert await looked.status(HER, f"/privacy/v1/looks/{before['looks'][-1]['look_id']}") == 404
    assert await looked.status(HER, f"/privacy/v1/looks/{end['look_id']}") == 200


async def test_numbers_go_on_where_nothing_is_left(looked: Looked) -> None:
    await looked.enacts(1, looks=DAYS)
    count = (await looked.numbers())[0]
    await looked.at(GONE + timedelta(days=366))
    page = await looked.page()
    assert (page["looks"], page["begins_after"].partition(":")[0]) == ([], str(count))
    collector: Any = looked.platform.services["privacy"].others["relay.looks"]
    collector._positions = None  # it begins anew, and knows no end
    assert await looked.status(COACH, f"/goals/v1/goals/{looked.work['goals']}") == 404
    await looked.platform.settle()
    assert (await looked.numbers(), await looked.whole()) == ([count + 1], "")


async def test_a_legal_hold_keeps_them_until_it_is_lifted(looked: Looked) -> None:
    await looked.enacts(1, looks=DAYS)
    order = f"/privacy/v1/erasures/{HER}"
    (await looked.send(ADMIN, f"{order}/hold", WHY)).raise_for_status()
    await looked.at(GONE)
    found = await looked.found("looks")
    assert found["held"] > 0
    assert found["erased"] > 0  # of others
    assert (await looked.page())["begins_after"] is None
    assert (await looked.page(BYSTANDER))["begins_after"] is not None
    (await looked.send(ADMIN, f"{order}/release", WHY)).raise_for_status()
    await looked.at(GONE + timedelta(days=1))
    assert (await looked.page())["begins_after"] is not None
    assert (await looked.found("looks"))["held"] == 0


async def test_a_report_says_first_what_would_go_and_then_what_went(looked: Looked) -> None:
    await looked.at(GONE)
    await looked.enacts(1, looks=DAYS)
    told = await looked.found("looks")
    assert (told["due"] > 0, told["erased"], told["complete"]) == (True, 0, True)
    assert [each["school_year"] for each in told["years"]] == [2027, 2028]
    assert told["years"][0]["records"] == told["due"]
    await looked.at(GONE + timedelta(days=9))
    after = await looked.found("looks")
    assert (after["due"], after["later"], after["erased"]) == (0, 0, told["due"])
    assert [each["school_year"] for each in after["years"]] == [2028]


async def test_a_policy_that_names_them_no_more_keeps_them(looked: Looked) -> None:
    await looked.enacts(1, looks=DAYS)
    await looked.enacts(2, goals=DAYS)
    await looked.at(GONE)
    assert (await looked.page())["begins_after"] is None


async def test_a_version_that_is_enacted_meanwhile_ends_a_round_of_the_one_before(
    looked: Looked,
) -> None:
    await looked.enacts(1, looks=DAYS)
    looked.platform.clock.set(GONE)
    privacy = looked.platform.services["privacy"]
    assert privacy.duties is not None
    assert privacy.relay is not None
    await privacy.duties.round()
    await privacy.relay.round()
    await looked.enacts(2, goals=DAYS)
    assert (await looked.page())["begins_after"] is None


async def test_they_go_some_at_a_time(looked: Looked) -> None:
    await looked.enacts(1, looks=DAYS)
    with patch.object(duties, "AT_ONCE", 1), patch.object(duties, "BATCH", 2):
        await looked.at(GONE)
    told = await looked.found("looks")
    assert told["erased"] > 4
    assert (told["later"], await looked.whole()) == (0, "")


@pytest.mark.parametrize("point", ["W1", "W2", "D1", "D2"])
async def test_a_crash_anywhere_leads_to_the_same(looked: Looked, point: str) -> None:
    await looked.at(GONE)
    await looked.enacts(1, looks=DAYS)
    due = (await looked.found("looks"))["due"]
    looked.platform.clock.set(GONE + timedelta(days=9))

    def die(passed: str) -> None:
        if passed == point:
            raise Crashed

    crashed = 0
    for _ in range(3):
        with crashing(die), contextlib.suppress(Crashed):
            await looked.platform.settle()
            crashed -= 1
        crashed += 1
        looked.platform.clock.forward(seconds=40)  # what was taken is free again
    assert crashed
    await looked.platform.settle()
    assert (await looked.found("looks"))["erased"] == due
    assert await looked.whole() == ""


async def test_whoever_takes_a_partition_on_again_knows_no_end_of_before() -> None:
    """What another has added meanwhile is gone from the front: its numbers are free, and not given
    again."""
    looks = MemoryLooks()
    mine, other = (CollectedLooks(looks, Troubles(), Days(Districts())) for _ in range(2))
    said = [told(each) for each in range(1, 4)]
    whose = ("north", said[0].person)
    await mine._append({whose: said[:1]})
    await other._append({whose: said[1:2]})
    until = said[1].last_at + timedelta(seconds=1)
    assert await looks.expire(whose, until, "one", 9) == 2
    await mine.positions([0])
    await mine._append({whose: said[2:]})
    assert [each.number for each in (await looks.page(whose, Filter(), "", 9)).items] == [3]
