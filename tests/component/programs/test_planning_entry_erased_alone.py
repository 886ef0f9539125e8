"""What one entry of a planning record says is erased alone: its place in the chain stays."""

from __future__ import annotations

from typing import Any

from services.access.artifact_erasures import LASTS
from services.access.erasures import A_MOMENT, SECOND_LOOK
from services.privacy.erasure.domain import SETTLES
from tests.component.programs.test_circles_gone import join, propose
from tests.component.programs.test_planning_records import checked
from tests.component.programs.test_planning_records_gone import CANARY, read, write
from tests.component.test_artifact_erasures import Site
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    COACH,
    HER,
    ORDER,
    WHY,
    erased_for_good,
)

KIND = "planning_entry"


async def begun() -> tuple[Site, dict[str, str]]:
    """A pair's record: hers, the other's, hers."""
    site = Site()
    await site.begin()
    pair = {"circle_id": await propose(site.people, HER, [HER, BYSTANDER])}
    await join(site.people, pair["circle_id"], HER, BYSTANDER)
    await site.platform.settle()
    return site, pair


def told(found: list[Any]) -> list[tuple[int, bool, str]]:
    return [(each["number"], each["erased"], each["text"]) for each in found]


async def test_its_words_go_and_whoever_read_it_still_reads_the_chain() -> None:
    site, pair = await begun()
    hers = await write(site.people, HER, pair)
    await write(site.people, BYSTANDER, pair, "What she said helped")
    last = await write(site.people, HER, pair, "It goes on")
    done = await site.done(await site.order(KIND, hers["planning_entry_id"]))
    assert (done["state"], done["erased"], len(done["proof"])) == ("done", 1, 64)
    await erased_for_good(site, "programs", hers["planning_entry_id"])
    for who in (HER, BYSTANDER):
        found = await read(site, who)
        checked(found)
        assert found[0]["hash"] == hers["hash"]
        assert told(found) == [
            (1, True, ""),
            (2, False, "What she said helped"),
            (3, False, "It goes on"),
        ]
    after = await write(site.people, BYSTANDER, pair, "And on")
    assert (after["number"], after["hash_before"]) == (4, last["hash"])
    again = await site.done(await site.order(KIND, found[0]["planning_entry_id"]))
    assert again["state"] == "not_found"  # nobody's words are left in it


async def test_of_the_last_one_too_the_record_goes_on() -> None:
    site, pair = await begun()
    only = await write(site.people, HER, pair)
    await site.done(await site.order(KIND, only["planning_entry_id"]))
    after = await write(site.people, BYSTANDER, pair, "And on")
    assert (after["number"], after["hash_before"]) == (2, only["hash"])
    checked(await read(site, BYSTANDER))


async def test_what_another_wrote_is_not_hers_but_in_the_record_with_her_coach() -> None:
    site, pair = await begun()
    peers = await write(site.people, BYSTANDER, pair)
    missed = await site.done(await site.order(KIND, peers["planning_entry_id"]))
    assert (missed["state"], missed["erased"]) == ("not_found", 0)
    related = await site.get(HER, f"/programs/v1/relationships?teacher_id={HER}")
    two = {"relationship_id": related["relationships"][0]["relationship_id"]}
    coachs = await write(site.people, COACH, two)
    done = await site.done(await site.order(KIND, coachs["planning_entry_id"]))
    assert done["state"] == "done"
    found = [each for each in await read(site, COACH) if "relationship_id" in each]
    assert [each["text"] for each in found] == [""]


async def test_she_does_not_order_it_herself_of_what_others_read() -> None:
    site, pair = await begun()
    hers = await write(site.people, HER, pair)
    order = await site.order(KIND, hers["planning_entry_id"], HER)
    assert (await site.done(order, HER))["state"] == "not_found"
    assert told(await read(site, BYSTANDER)) == [(1, False, CANARY)]


async def test_a_legal_hold_on_who_read_it_keeps_all_of_it_meanwhile() -> None:
    site, pair = await begun()
    hers = await write(site.people, HER, pair)
    held = f"/privacy/v1/erasures/{BYSTANDER}"
    (await site.send(ADMIN, f"{held}/hold", WHY)).raise_for_status()
    order = await site.order(KIND, hers["planning_entry_id"])
    assert (await site.done(order))["state"] == "under_way"
    assert told(await read(site, BYSTANDER)) == [(1, False, CANARY)]
    (await site.send(ADMIN, f"{held}/release", WHY)).raise_for_status()
    await site.pass_by(SETTLES, LASTS, SECOND_LOOK, A_MOMENT)
    assert (await site.seen(order))["state"] == "done"
    assert told(await read(site, BYSTANDER)) == [(1, True, "")]


async def test_all_of_hers_may_go_afterwards_and_she_reads_it_no_more() -> None:
    site, pair = await begun()
    hers = await write(site.people, HER, pair)
    await write(site.people, BYSTANDER, pair, "What she said helped")
    await site.done(await site.order(KIND, hers["planning_entry_id"]))
    (await site.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await site.carry_out()
    found = await read(site, BYSTANDER)
    checked(found)
    assert HER not in str(found)
    assert [each["number"] for each in found] == [1, 2]
