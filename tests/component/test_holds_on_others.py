"""A legal hold keeps what somebody has with others, whole and until it ends, by whoever's order."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.access.erasures import AFTER_HOLD
from services.privacy.erasure.domain import SETTLES
from tests.component.programs.test_coaching_sessions_gone import held, listed
from tests.component.test_artifact_erasures import ORDERS
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    CANARY,
    COACH,
    COUNTS,
    HER,
    WHY,
    Erased,
)

ENTRIES = "/programs/v1/planning-entries"


def of(person: str) -> str:
    return f"/privacy/v1/erasures/{person}"


async def order(erased: Erased, person: str) -> Any:
    """It is pending for a moment, in which services hear of the hold."""
    ordered = await erased.send(ADMIN, f"{of(person)}/order", WHY)
    assert ordered.json()["state"] == "pending"
    erased.platform.clock.forward(seconds=SETTLES.total_seconds())
    await erased.platform.settle()
    await erased.later()
    return await erased.get(ADMIN, of(person))


async def release(erased: Erased, person: str, ordered: str) -> Any:
    (await erased.send(ADMIN, f"{of(person)}/release", WHY)).raise_for_status()
    await erased.platform.settle()
    erased.platform.clock.forward(seconds=AFTER_HOLD.total_seconds())
    await erased.platform.settle()
    await erased.later()
    return await erased.get(ADMIN, of(ordered))


async def text_of(erased: Erased, who: str) -> list[str]:
    return [each["text"] for each in (await erased.get(who, ENTRIES))["planning_entries"]]


async def test_what_her_coach_wrote_with_her_stays_while_a_hold_is_on_her() -> None:
    """And goes by itself when that has ended."""
    erased = await Erased().begin()
    record = {"relationship_id": erased.work["programs"], "kind": "plan", "text": CANARY}
    await erased.people.post(COACH, ENTRIES, record)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{of(HER)}/hold", WHY)).raise_for_status()
    await erased.platform.settle()
    await order(erased, COACH)
    assert await text_of(erased, HER) == [CANARY]
    assert (await release(erased, HER, COACH))["state"] == "done"
    assert CANARY not in await text_of(erased, HER)


async def test_what_she_has_with_her_coach_stays_while_a_hold_is_on_him() -> None:
    """In every service; what is hers alone goes at once, and all of it when the hold has ended."""
    erased = await Erased().begin()
    record = {"relationship_id": erased.work["programs"], "kind": "plan", "text": CANARY}
    await erased.people.post(COACH, ENTRIES, record)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{of(COACH)}/hold", WHY)).raise_for_status()
    await erased.platform.settle()
    waits = await order(erased, HER)
    assert waits["state"] == "under_way"
    assert "surveys" not in waits["awaited"]
    assert set(waits["awaited"]) == {"goals", "observations", "programs"}
    assert await erased.there() == set(COUNTS) - {"surveys"}
    assert await text_of(erased, HER) == [CANARY]
    done = await release(erased, COACH, HER)
    assert done["state"] == "done"
    assert await erased.there() == set()
    assert erased.holds(CANARY) == set()


async def test_a_session_that_a_hold_keeps_is_there_once_and_goes_when_that_has_ended() -> None:
    """Where it alone is to be erased, of one of two who had it: it is not beside what takes its
    place."""
    erased = await Erased().begin()
    both = await held(erased, HER, BYSTANDER, kind="group")
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{of(BYSTANDER)}/hold", WHY)).raise_for_status()
    asked = {"kind": "coaching_session", "artifact_id": both, "person_id": HER, **WHY}
    ordered = (await erased.send(ADMIN, ORDERS, asked)).json()["artifact_erasure_id"]
    for _ in range(2):  # it is pending first
        await erased.platform.settle()
        await erased.later()
    (kept,) = await listed(erased, BYSTANDER)
    assert kept["coaching_session_id"] == both
    assert (await erased.get(ADMIN, f"{ORDERS}/{ordered}"))["state"] == "under_way"
    (await erased.send(ADMIN, f"{of(BYSTANDER)}/release", WHY)).raise_for_status()
    for _ in range(3):
        await erased.platform.settle()
        erased.platform.clock.forward(seconds=AFTER_HOLD.total_seconds())
        await erased.platform.settle()
        await erased.later()
    assert (await erased.get(ADMIN, f"{ORDERS}/{ordered}"))["state"] == "done"
    (kept,) = await listed(erased, BYSTANDER)
    assert kept["coaching_session_id"] != both
    assert [each["teacher_id"] for each in kept["teachers"]] == [BYSTANDER]


Thing = dict[str, Any]


async def told_of_orders(erased: Erased) -> list[Thing]:
    """What is held about HER of what was ordered, as she reads it, one thing at a time, whichever
    ids and times it has."""
    place, page = "/privacy/v1/personal-records?page_size=1", ""
    found: list[Thing] = []
    while True:
        said = await erased.get(HER, f"{place}&page_token={page}")
        kinds = ("erasure", "artifact_erasure")
        found += [each for each in said["personal_records"] if each["kind"] in kinds]
        page = said["next_page_token"]
        if not page:
            break
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", json.dumps(found))
    told: list[Thing] = json.loads(re.sub(r"20[0-9]{2}-[0-9-]{5}T[0-9:.]+Z", "TIME", text))
    return [{**each, "content": json.loads(each["content"])} for each in told]


async def what_she_reads(alone: bool, hold: bool) -> tuple[list[Thing], list[Thing]]:
    """While it waits for the end of a hold on somebody else, and when it is done: of a session of
    hers that is erased alone, or of all that is about her."""
    erased = await Erased().begin()
    both = await held(erased, HER, BYSTANDER, kind="group")
    await erased.platform.settle()
    if hold:
        (await erased.send(ADMIN, f"{of(BYSTANDER)}/hold", WHY)).raise_for_status()
    session = {"kind": "coaching_session", "artifact_id": both, "person_id": HER}
    path, body = (ORDERS, {**session, **WHY}) if alone else (f"{of(HER)}/order", WHY)
    (await erased.send(ADMIN, path, body)).raise_for_status()
    waits: list[Thing] = []
    if hold:
        for _ in range(2):
            erased.platform.clock.forward(seconds=SETTLES.total_seconds())
            await erased.platform.settle()
            await erased.later()
        waits = await told_of_orders(erased)
        (await erased.send(ADMIN, f"{of(BYSTANDER)}/release", WHY)).raise_for_status()
    for _ in range(3):
        await erased.platform.settle()
        erased.platform.clock.forward(seconds=AFTER_HOLD.total_seconds())
        await erased.platform.settle()
        await erased.later()
    return waits, await told_of_orders(erased)


def before_it_is_done(thing: Thing) -> Thing:
    not_yet = {"done_at": None, "erased": 0}
    content = thing["content"]
    return {
        **thing,
        "content": content | {name: not_yet[name] for name in not_yet.keys() & content.keys()},
    }


@pytest.mark.parametrize("alone", [True, False])
async def test_what_is_held_about_her_does_not_say_that_a_hold_is_on_somebody_else(
    alone: bool,
) -> None:
    """It is the same as where none is, but for when it is done."""
    waits, done = await what_she_reads(alone, hold=True)
    _, without = await what_she_reads(alone, hold=False)
    assert done == without
    record, ordered, last = without
    assert last["content"]["type"].endswith("ErasureDone")
    assert waits == [before_it_is_done(record), ordered]
