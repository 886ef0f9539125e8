"""What stays with a record that is given up: she who has the other one is shown it by its id, as
long as the two are one, and nobody else is."""

from __future__ import annotations

from datetime import timedelta

from tests.support.personal_records import held
from tests.support.twice import NEW, OLD, Twice

PLACES = ("looks", "receipts", "personal-records")


async def read_and_taken_back() -> Twice:
    """A partner has read a goal of the record that is then given up, and a share of it was taken
    back."""
    twice = await Twice().begin()
    goal = await twice.goal(OLD)
    offer = {
        "goal_id": goal,
        "audience": [{"person_id": "coach"}],
        "purpose": "peer_learning",
        "expires_at": (twice.north.clock.now() + timedelta(days=9)).isoformat(),
    }
    share = (await twice.post(OLD, "/goals/v1/shares", offer))["goal_share_id"]
    await twice.north.settle()
    await twice.north.ask("north/warehouse?goals.read", "GET", f"/goals/v1/goals/{goal}")
    await twice.north.settle()
    await twice.post(OLD, f"/goals/v1/shares/{share}/revoke")
    await twice.north.settle()
    return twice


async def statuses(twice: Twice, who: str) -> set[int]:
    async with twice.north.client("privacy", f"north/{who}") as client:
        paths = [f"/privacy/v1/{each}?person_id={OLD}" for each in PLACES]
        return {(await client.get(path)).status_code for path in paths}


async def test_she_is_shown_what_stays_with_the_record_that_was_given_up_for_hers() -> None:
    twice = await read_and_taken_back()
    looks = (await twice.get(OLD, "/privacy/v1/looks"))["looks"]
    assert looks
    assert await statuses(twice, NEW) == {404}
    match = await twice.merged()
    await twice.later()
    found = await twice.get(NEW, f"/privacy/v1/looks?person_id={OLD}")
    assert looks[-1] in found["looks"]
    (receipt,) = (await twice.get(NEW, f"/privacy/v1/receipts?person_id={OLD}"))["receipts"]
    assert (receipt["cause"], receipt["person_id"]) == ("share_revoked", OLD)
    kinds = {each["kind"] for each in await held(twice.north, f"north/{NEW}", OLD)}
    assert "receipt" in kinds
    assert await statuses(twice, "peer") == {404}
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await statuses(twice, NEW) == {404}
    assert await statuses(twice, OLD) == {200}


async def test_of_what_was_ordered_about_one_thing_she_sees_what_she_ordered_herself() -> None:
    """By whichever of her records: what the district has ordered would tell her of a hold."""
    twice, orders = await Twice().begin(), "/privacy/v1/artifact-erasures"
    made = {"title": "Mine", "about": "Words", "license": "CC0-1.0"}
    strategy = (await twice.post(OLD, "/goals/v1/strategies", made))["strategy_id"]
    goal = await twice.goal(OLD)
    asked = {"person_id": OLD, "reason": "Of another class."}
    own = await twice.post(OLD, orders, {**asked, "kind": "strategy", "artifact_id": strategy})
    theirs = await twice.post("admin", orders, {**asked, "kind": "goal", "artifact_id": goal})
    await twice.merged()

    async def seen() -> list[int]:
        paths = [f"{orders}/{each['artifact_erasure_id']}" for each in (own, theirs)]
        async with twice.north.client("privacy", f"north/{NEW}") as client:
            return [(await client.get(path)).status_code for path in paths]

    assert await seen() == [200, 404]
    found = (await twice.get(NEW, f"{orders}?person_id={OLD}"))["artifact_erasures"]
    assert [each["artifact_erasure_id"] for each in found] == [own["artifact_erasure_id"]]
    await twice.later()
    assert await seen() == [200, 404]
