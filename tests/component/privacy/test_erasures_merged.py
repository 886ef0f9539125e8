"""A legal hold on one record of a person keeps whatever any record of hers has from an order."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.erasures import SECOND_LOOK
from services.privacy.erasure.domain import LOOKS_AGAIN, SETTLES
from tests.support.twice import NEW, OLD, TEACHES, Twice

THIRD = "third"
WHY = {"reason": "Somebody has asked for it."}
CHAIN = [(OLD, NEW), (NEW, THIRD)]


class Ordered(Twice):
    """A person of three records, each with a goal."""

    async def begin(self) -> Ordered:
        await self.north.roster(old=TEACHES, third=TEACHES)
        for each in (OLD, NEW, THIRD):
            await self.north.coached("coach", each)
        self.had = {each: await self.goal(each) for each in (OLD, NEW, THIRD)}
        self.matches: dict[str, str] = {}
        return self

    async def merge(self, source: str, target: str) -> None:
        self.matches[source] = await self.merged(source, target)
        await self.later()

    async def asks(self, what: str, person: str) -> Any:
        place = f"/privacy/v1/erasures/{person}/{what}"
        async with self.north.client("privacy", "north/admin") as client:
            answer = await client.post(place, json=WHY)
        return answer.json()

    async def does(self, what: str, person: str) -> str:
        """Where it stands then, or why it was refused."""
        said = await self.asks(what, person)
        return str(said.get("state") or said["code"])

    async def state(self, person: str) -> str:
        return str((await self.get("admin", f"/privacy/v1/erasures/{person}"))["state"])

    async def passes(self) -> None:
        """Time in which whatever may begin begins, and is done."""
        for span in (SETTLES, LOOKS_AGAIN, SECOND_LOOK):
            await self.later(span)

    async def there(self) -> set[str]:
        """Whose goals are."""
        found = set()
        for owner, goal in self.had.items():
            for who in (OLD, NEW, THIRD):
                async with self.north.client("goals", f"north/{who}") as client:
                    if (await client.get(f"/goals/v1/goals/{goal}")).is_success:
                        found.add(owner)
        return found


@pytest.fixture
async def ordered() -> Ordered:
    return await Ordered().begin()


@pytest.mark.parametrize(
    ("held", "about", "merges"),
    [
        (OLD, NEW, [(OLD, NEW)]),
        (NEW, OLD, [(OLD, NEW)]),
        (OLD, THIRD, CHAIN),
        (THIRD, OLD, CHAIN),
        (OLD, THIRD, [(OLD, THIRD), (NEW, THIRD)]),
        (OLD, NEW, [(OLD, THIRD), (NEW, THIRD)]),
    ],
    ids=[
        "merged into hers",
        "hers merged into it",
        "the first of three",
        "the last",
        "two",
        "both",
    ],
)
@pytest.mark.parametrize("placed", ["before the merge", "after it", "after the order"])
async def test_a_hold_on_another_record_of_hers_stops_an_order_until_it_is_released(
    ordered: Ordered, held: str, about: str, merges: list[tuple[str, str]], placed: str
) -> None:
    merged = {OLD} | {each for pair in merges for each in pair}
    others = set(ordered.had) - merged
    if placed == "before the merge":
        assert await ordered.does("hold", held) == "held"
    for source, target in merges:
        await ordered.merge(source, target)
    if placed == "after it":
        assert await ordered.does("hold", held) == "held"
    assert await ordered.does("order", about) == "pending"
    await ordered.north.settle()
    if placed == "after the order":
        await ordered.later(SETTLES / 2)
        assert await ordered.does("hold", held) == "held"
    await ordered.passes()
    await ordered.passes()
    assert await ordered.state(about) == "pending"
    assert await ordered.there() == set(ordered.had)
    assert await ordered.does("release", held) == "clear"
    await ordered.passes()
    assert await ordered.state(about) == "done"
    assert await ordered.there() == others


async def test_what_is_under_way_is_not_held_by_another_record_of_hers(ordered: Ordered) -> None:
    await ordered.merge(OLD, NEW)
    await ordered.does("order", NEW)
    await ordered.later(SETTLES)
    assert await ordered.state(NEW) == "under_way"
    assert await ordered.does("hold", OLD) == "under_way"
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("done", {THIRD})
    assert await ordered.does("hold", OLD) == "held"  # of what she begins from now on


async def test_a_hold_that_is_asked_for_defers_an_order_before_it_is_there(
    ordered: Ordered,
) -> None:
    """However long it takes to be stored: here it is, after all, not."""
    await ordered.merge(OLD, NEW)
    await ordered.does("order", NEW)
    await ordered.later(SETTLES / 2)
    await ordered.does("hold", OLD)
    await ordered.does("release", OLD)
    await ordered.later(SETTLES / 2)
    assert await ordered.state(NEW) == "pending"
    await ordered.passes()
    assert await ordered.state(NEW) == "done"


async def test_what_is_pending_is_taken_back(ordered: Ordered) -> None:
    await ordered.merge(OLD, NEW)
    await ordered.does("order", NEW)
    assert await ordered.does("order", NEW) == "already_ordered"
    assert await ordered.does("withdraw", NEW) == "clear"
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("clear", set(ordered.had))


async def test_an_order_that_was_held_itself_waits_for_the_other_hold_too(
    ordered: Ordered,
) -> None:
    await ordered.merge(OLD, NEW)
    for what, person, state in (
        ("hold", OLD, "held"), ("hold", NEW, "held"), ("order", NEW, "held"),
        ("release", NEW, "pending"),
    ):  # fmt: skip
        assert await ordered.does(what, person) == state
    await ordered.passes()
    assert await ordered.state(NEW) == "pending"
    await ordered.does("release", OLD)
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("done", {THIRD})


async def test_who_is_parted_again_keeps_what_is_held_and_the_other_is_erased(
    ordered: Ordered,
) -> None:
    await ordered.does("hold", OLD)
    await ordered.merge(OLD, NEW)
    await ordered.does("order", NEW)
    await ordered.passes()
    await ordered.separate(ordered.matches[OLD])
    await ordered.later()
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("done", {OLD, THIRD})
    assert ordered.had[OLD] in await ordered.goals(OLD, OLD)


async def test_what_becomes_hers_while_an_order_is_carried_out_stays(ordered: Ordered) -> None:
    """It may be held, and the order knew nothing of it."""
    await ordered.does("hold", OLD)
    assert await ordered.does("order", NEW) == "pending"
    ordered.north.clock.forward(seconds=SETTLES.total_seconds())
    await ordered.north.settle()
    assert await ordered.state(NEW) == "under_way"
    await ordered.merged(OLD, NEW)
    await ordered.later()
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("done", {OLD, THIRD})


async def late(ordered: Ordered, about: str, begins: str = "under_way") -> None:
    """Two are merged, and before privacy reads it an order is given, and begins."""
    privacy = ordered.north.services["privacy"]
    both = privacy.projectors
    object.__setattr__(privacy, "projectors", ())
    await ordered.merged(OLD, NEW)
    ordered.north.clock.forward(seconds=1)
    assert await ordered.does("order", about) == begins
    await ordered.north.settle()
    assert ordered.had[OLD] in await ordered.goals(NEW, NEW)
    ordered.north.clock.forward(seconds=1)
    object.__setattr__(privacy, "projectors", both)


@pytest.mark.parametrize(("about", "other"), [(NEW, OLD), (OLD, NEW)])
async def test_a_merge_of_which_privacy_hears_late_extends_an_order_to_the_other_record(
    ordered: Ordered, about: str, other: str
) -> None:
    await late(ordered, about)
    began = await ordered.goal(NEW)  # after the order
    await ordered.passes()
    assert (await ordered.state(other), await ordered.there()) == ("done", {THIRD})
    assert began in await ordered.goals(NEW, NEW)
    (step,) = (await ordered.get("admin", f"/privacy/v1/erasures/{other}"))["steps"]
    assert (step["step"], step["by"]) == ("ordered", "admin"), "who gave the order"


async def test_it_waits_for_a_hold_on_that_record(ordered: Ordered) -> None:
    await ordered.does("hold", OLD)
    await late(ordered, NEW, "pending")  # as all do where somebody is held
    await ordered.passes()
    await ordered.passes()
    assert (await ordered.state(OLD), await ordered.there()) == ("held", {OLD, NEW, THIRD})
    await ordered.does("release", OLD)
    await ordered.passes()
    assert (await ordered.state(NEW), await ordered.there()) == ("done", {THIRD})


async def test_what_is_taken_back_is_not_ordered_again(ordered: Ordered) -> None:
    await late(ordered, NEW)
    await ordered.north.settle()
    assert await ordered.does("withdraw", OLD) == "clear"
    await ordered.passes()
    assert (await ordered.state(OLD), await ordered.there()) == ("clear", {OLD, THIRD})


async def test_what_was_given_back_to_her_is_erased_with_what_is_hers(ordered: Ordered) -> None:
    await ordered.merge(OLD, NEW)
    await ordered.separate(ordered.matches[OLD])
    await ordered.later()
    assert await ordered.does("order", OLD) == "under_way"
    await ordered.passes()
    assert (await ordered.state(OLD), await ordered.there()) == ("done", {NEW, THIRD})
