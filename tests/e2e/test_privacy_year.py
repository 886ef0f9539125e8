"""A year of what a teacher is promised, on real processes and engines: a policy that both sides
sign, shares, a refused evaluation, the list of who looked, partners' receipts, her take-out, a
legal hold, and her erasure, of which nothing is left anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import SERVICES, VIEWS
from services.chassis.log.connections import Proof
from services.chassis.mongo import raw
from services.chassis.views.generations import CurrentViews
from services.ctl.commands.take_out import take_in_goals, write_take_out
from services.ctl.erased import ErasureCheck, reaching
from services.ctl.erasure_orders import order_of
from services.ctl.take_out import wrong_in
from tests.support.docs_program import program
from tests.support.privacy_year import (
    CANARY,
    COACH,
    COLLEAGUE,
    ERASURE,
    HER,
    RECEIPTS,
    PrivacyYear,
    proof_of,
)
from tests.support.rebuilding import rebuild_all
from tests.support.stack import RunningStack
from tests.support.truth import untrue
from tests.support.waiting import eventually

DISTRICT = "heath"
PROMPT, LATE = "warehouse", "archive"
WHY = {"reason": "She has asked for it."}
ADMIN = "admin-01"


@pytest.fixture
async def year(stack: RunningStack) -> PrivacyYear:
    begun = PrivacyYear(stack, DISTRICT)
    await begun.import_roster()
    await begun.known(HER)
    await begun.may(ADMIN, "/privacy/v1/partners")
    return begun


async def test_a_year_of_what_a_teacher_is_promised(year: PrivacyYear, tmp_path: Path) -> None:
    await year.agree()
    await year.begin_coaching()
    await year.work_together()
    for partner in (PROMPT, LATE):
        await year.register(partner)
    goal = f"/goals/v1/goals/{year.work['goals']}"
    survey = f"/surveys/v1/administrations/{year.work['surveys']}"
    await who_was_let_in_reads_nothing_from_the_revocation_on(year, goal, survey)
    assert await year.evaluates(goal) == (403, "purpose_refused")
    await her_list_says_so_and_is_whole(year)
    await the_district_is_told_what_left_and_why_somebody_may(year)
    await partners_say_that_they_have_deleted_or_are_kept_out(year, survey)
    await what_she_takes_along_is_read_elsewhere(year, tmp_path)
    await a_hold_stops_what_was_ordered(year, goal)
    done = await year.carried_out()
    assert done["proof"] == proof_of(DISTRICT, done)
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert counts == {"goals": 2, "observations": 1, "programs": 1, "surveys": 2}
    await nothing_is_left(year)
    await rebuild_all(year.stack)
    await nothing_is_left(year)
    await what_is_put_back_is_found(year)
    for partner in (PROMPT, LATE):
        erased = await year.receipt(partner, "erasure")
        assert await year.confirm(partner, erased["receipt_id"]) == partner
    assert program("docs/privacy.md", "check")(await year.looks()) == ""


async def who_was_let_in_reads_nothing_from_the_revocation_on(
    year: PrivacyYear, goal: str, survey: str
) -> None:
    """A colleague by shares, over both of them; and her coach, whose open caseload says so."""
    await year.may(COLLEAGUE, "/surveys/v1/received-shares")
    assert [await year.status(COLLEAGUE, each) for each in (goal, survey)] == [404, 404]
    await year.share("goals", "goal")
    results = await year.share("surveys", "administration")
    shown = await year.get(COLLEAGUE, survey)
    assert shown["results"] == (await year.get(HER, survey))["results"]
    assert (shown["results"]["favorable_share"] is not None, shown["history"]) == (True, [])
    for partner in (PROMPT, LATE):
        await year.may(year.program(partner), survey)
    await eventually(lambda: looked(year, PROMPT, LATE), timeout=30)
    await year.post(HER, f"{results}/revoke")
    assert [await year.status(COLLEAGUE, each) for each in (goal, survey)] == [200, 404]
    accept = f"/programs/v1/relationships/{year.work['programs']}/accept"
    async with year.live() as entries:
        await eventually(lambda: bool(entries) and not entries[-1]["not_shared"], timeout=30)
        await year.post(HER, accept, {"coach_sees": ["goals", "observations"]})
        await eventually(lambda: entries[-1]["not_shared"] == ["surveys"], timeout=30)


async def looked(year: PrivacyYear, *who: str) -> bool:
    """Whether they stand in her list."""
    found = await year.looks()
    return {*who} <= {each["partner_id"] or each["viewer_id"] for each in found}


async def her_list_says_so_and_is_whole(year: PrivacyYear) -> None:
    """By the program of docs/privacy.md, and the count that everybody reads."""
    wanted = {"viewer_id": COACH, "purpose": "evaluation", "decision": "refused"}

    async def told() -> bool:
        return any(wanted.items() <= each.items() for each in await year.looks())

    await eventually(told, timeout=30)
    found = await year.looks()
    assert program("docs/privacy.md", "check")(found) == ""
    by = {(each["viewer_id"], each["relation"]) for each in found if each["kind"] == "goal"}
    assert (COLLEAGUE, "shared_with") in by
    refused = (await year.get(COLLEAGUE, "/privacy/v1/refused-purposes"))["refused"]
    assert [each["times"] for each in refused if each["purpose"] == "evaluation"] == [1]


async def the_district_is_told_what_left_and_why_somebody_may(year: PrivacyYear) -> None:
    """By nobody's name; and that it asked about her, she finds in her list."""
    log = "/privacy/v1/disclosures"

    async def told() -> bool:
        found = (await year.get(ADMIN, log))["disclosures"]
        return {PROMPT, LATE} <= {each["partner_id"] for each in found}

    await eventually(told, timeout=30)
    found = (await year.get(ADMIN, log))["disclosures"]
    assert {each["people"] for each in found if each["kind"] == "administration"} == {1}
    assert HER not in str(found)
    assert await year.status(HER, log) == 403
    goal, survey = year.work["goals"], year.work["surveys"]
    for who, service, operation, thing, answer in (
        (COACH, "goals", "get_goal", goal, "allowed"),
        (COACH, "surveys", "get_administration", survey, "depends"),  # is not shown surveys now
        (COLLEAGUE, "goals", "activate_goal", goal, "refused"),
    ):
        asked = f"person_id={who}&teacher_id={HER}&operation={operation}&thing_id={thing}"
        told_why = await year.get(ADMIN, f"/{service}/v1/access-explanations?{asked}")
        (why,) = told_why["explained"]
        assert (why["operation"], why["answer"]) == (operation, answer), why

    async def noted() -> bool:
        return any((e["kind"], e["viewer_id"]) == ("access", ADMIN) for e in await year.looks())

    await eventually(noted, timeout=30)


async def partners_say_that_they_have_deleted_or_are_kept_out(
    year: PrivacyYear, survey: str
) -> None:
    asked = await year.receipt(PROMPT, "share_revoked")
    assert (asked["artifact_id"], asked["kinds"]) == (year.work["surveys"], ["administration"])
    assert asked["allowed"] == ["confirm_deletion"]
    assert await year.confirm(PROMPT, asked["receipt_id"]) == PROMPT
    late = await year.receipt(LATE, "share_revoked")
    await year.a_month_passes_for(late["receipt_id"])
    await eventually(lambda: answers(year, LATE, survey, 403), timeout=60)
    assert await answers(year, LATE, RECEIPTS, 200)
    assert await answers(year, PROMPT, survey, 200)
    await year.confirm(LATE, late["receipt_id"])
    await eventually(lambda: answers(year, LATE, survey, 200), timeout=60)
    states = {each["partner_id"]: each["state"] for each in (await receipts(year, HER))}
    assert states == dict.fromkeys((PROMPT, LATE), "confirmed")


async def answers(year: PrivacyYear, partner: str, path: str, status: int) -> bool:
    return await year.status(year.program(partner), path) == status


async def receipts(year: PrivacyYear, who: str) -> list[Any]:
    found: list[Any] = (await year.get(who, RECEIPTS))["receipts"]
    return found


async def what_she_takes_along_is_read_elsewhere(year: PrivacyYear, folder: Path) -> None:
    """The file is signed by a key that outlives the process; what is taken in is there once, as
    drafts of hers."""
    stack, file, again = year.stack, folder / "her.json", folder / "again.json"
    addresses = {service: stack.stack.rest(service) for service in SERVICES}
    token = stack.token(year.who(HER))
    told = await write_take_out(addresses, token, DISTRICT, file)
    await stack.kill("goals")
    stack.start("goals")
    await stack.ready("goals")
    assert await write_take_out(addresses, token, DISTRICT, again) == told
    document = json.loads(file.read_text())
    assert (wrong_in(document), program("docs/take-out.md", "check")(document)) == ("", "")
    values = json.loads(document["contents"][f"{year.work['goals']}/progress/1"])["progress"]
    assert [each["value"] for each in values] == list(range(45))
    assert COACH not in file.read_text()
    there = f"south/{HER}"
    asked = addresses, stack.token(there), "south", file
    first = await take_in_goals(*asked, dry_run=False)
    assert await take_in_goals(*asked, dry_run=False) == first
    (taken,) = [each for each in first if each["goal_id"] == year.work["goals"]]
    listed = await stack.ask(there, "GET", f"/goals/v1/goals?teacher_id={HER}")
    new = [each for each in listed.json()["goals"] if each["statement"] == CANARY]
    assert [f"draft {each['goal_id']}" for each in new] == [taken["became"]]
    await stack.ask(there, "POST", f"/goals/v1/goals/{new[0]['goal_id']}/withdraw")


async def a_hold_stops_what_was_ordered(year: PrivacyYear, goal: str) -> None:
    await year.post(ADMIN, f"{ERASURE}/hold", {"reason": "A lawsuit."})
    ordered = await year.post(ADMIN, f"{ERASURE}/order", WHY)
    assert (ordered["state"], ordered["proof"]) == ("held", "")
    assert await year.status(HER, goal) == 200
    report = await look(year)
    assert (report["state"], set(report["erased"].values())) == ("held", {0})
    assert {each["service"] for each in report["told"]} >= set(year.work)
    released = await year.post(ADMIN, f"{ERASURE}/release", WHY)
    assert released["state"] == "under_way"


async def look(year: PrivacyYear) -> dict[str, Any]:
    """As `tandem privacy verify-erasure` does."""
    databases = {}
    for service in SERVICES:
        own = year.stack._backing(service).database
        assert own is not None
        databases[service] = own
    order = await order_of(databases["privacy"], DISTRICT, HER)
    return await ErasureCheck(databases, order, reaching(year.stack.stack.kafka, Proof())).run()


async def nothing_is_left(year: PrivacyYear) -> None:
    """Neither by what the command says nor by her words, wherever they might stand."""
    for service, path in (("goals", "/goals/v1/goals"), ("surveys", "/surveys/v1/administrations")):
        assert await year.status(HER, f"{path}/{year.work[service]}") == 404
    report = await look(year)
    assert (report["state"], report["told"]) == ("done", [])
    assert report["erased"] == {"goals": 2, "observations": 1, "programs": 1, "surveys": 2}
    assert report["looked"]["rows"] > 0
    assert report["looked"]["builds"] >= len(VIEWS)
    for service in SERVICES:
        own = year.stack._backing(service).database
        assert own is not None
        for name in await own.list_collection_names():
            ours = raw(own[name]).find({"district": DISTRICT})
            assert not [each async for each in ours if CANARY.encode() in each.raw], name
    await eventually(lambda: true(year.stack), timeout=30)


async def true(stack: RunningStack) -> bool:
    return not await untrue(stack.backings)


async def what_is_put_back_is_found(year: PrivacyYear) -> None:
    """In a view, a journal, among drafts and answers: each by its place, and no more once it is
    taken out again."""
    goal = year.work["goals"]
    goals = year.stack._backing("goals").database
    insights = year.stack._backing("insights").database
    assert goals is not None
    assert insights is not None
    cards = await CurrentViews(insights, "insights").collection("cards")
    key = {"_id": {"$regex": f"^{DISTRICT}:{HER}"}}
    gone = {**key, f"facts.goals.{goal}.gone": True}
    assert (
        await cards.update_one(gone, {"$set": {f"facts.goals.{goal}.focus": "f"}})
    ).matched_count
    entry = {"_id": f"{goal}:000000000001"}
    sealed = await goals["journal"].find_one_and_replace(entry, {**entry, "type": "GoalDrafted"})
    draft = {"_id": "put-back", "district": DISTRICT, "about": goal, "texts": [], "author": COACH}
    await goals["drafts"].insert_one(draft)
    report = await look(year)
    found = {(each["service"], each["place"].partition("_")[0]) for each in report["told"]}
    assert found == {("insights", "cards"), ("goals", "journal"), ("goals", "drafts")}
    assert {each["aggregate"] for each in report["told"]} == {goal}
    await cards.update_one(key, {"$unset": {f"facts.goals.{goal}.focus": ""}})
    await goals["journal"].replace_one(entry, sealed)
    await goals["drafts"].delete_one({"_id": "put-back"})
    assert (await look(year))["told"] == []
