"""What is held about a person is all there in her records request, and nothing of it is given to
anybody else but a records officer who was named for her."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.assembly.data_schedule import data_schedule, names_of
from services.assembly.personal_records.domain import stands_for
from services.assembly.registry import WRITE_SERVICES
from services.chassis.edge import paging
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.filled import Filled
from tests.support.personal_records import OFFICER, held, where_named

HER, COACH, LEADER, ADMIN = "teacher-0001", "coach-01", "leader-01", "north/admin-01"
GRANTS, LOOKS = "/roster/v1/grants", "/privacy/v1/looks"
SCHEDULE = data_schedule()
Thing = dict[str, Any]


@pytest.fixture(scope="module")
async def north() -> Filled:
    """Shared: what a test adds takes nothing from another."""
    platform = Filled()
    await platform.fill("north", "Canary-north")
    await platform.fill("south", "Canary-south")
    goal = platform.ids["north"]["goal_id"]
    path = f"/goals/v1/goals/{goal}/progress"
    for value in range(44):  # some of which leave the goal
        await platform.ask(f"north/{HER}", "POST", path, {"value": value, "note": f"n{value}"})
    late = {
        "command_id": "late",
        "operation": "record_progress",
        "path": {"goal_id": goal},
        "body": {"value": 44, "note": "n44"},
        "made_at": "2026-10-03T07:30:00Z",
    }
    await platform.ask(f"north/{HER}", "POST", "/goals/v1/sync", {"commands": [late]})
    draft = {"kind": "goal", "texts": [{"name": "statement", "text": "Typed by herself"}]}
    await platform.ask(f"north/{HER}", "PUT", "/goals/v1/drafts/d1", draft)
    await end(platform, await name_officer(platform, "coach-02", HER))
    return platform


async def name_officer(north: Filled, officer: str, *people: str) -> str:
    today = north.clock.now().date().isoformat()
    body = {**OFFICER, "person_id": officer, "person_ids": people, "end_date": today}
    made = await north.ask(ADMIN, "POST", GRANTS, body)
    assert made.status_code == 201, made.text
    await north.settle()
    return str(made.json()["grant_id"])


async def end(north: Filled, grant: str) -> None:
    await north.ask(ADMIN, "POST", f"{GRANTS}/{grant}/end", {"reason": "Fetched"})
    await north.settle()


async def refusal(north: Filled, who: str, path: str, body: Thing | None = None) -> tuple[Any, ...]:
    """Status, code and place."""
    async with north.client(path.split("/")[1], f"north/{who}") as client:
        answer = await client.request("POST" if body else "GET", path, json=body)
    told = answer.json()
    places = [each["pointer"] for each in told.get("errors", ())]
    return answer.status_code, told.get("code"), *places


def records(found: list[Thing]) -> dict[tuple[str, str], list[Thing]]:
    """By service and id; one may be there for more than one reason."""
    by: dict[tuple[str, str], list[Thing]] = {}
    for each in found:
        if each["part"] == "record":
            by.setdefault((each["service"], each["of_id"]), []).append(each)
    return by


@pytest.mark.parametrize("person", [HER, COACH, "teacher-0002", "coach-02", "admin-01"])
async def test_whatever_names_her_is_in_it_or_has_a_reason(north: Filled, person: str) -> None:
    """Every document of every service is looked through for her id, wherever it stands."""
    found = records(await held(north, f"north/{person}", person))
    seen = 0
    for service in WRITE_SERVICES:
        store = north.services[service].backing.store
        assert isinstance(store, MemoryDocuments)
        for stored in store._stored.values():
            document = stored.document
            said = SCHEDULE.records[f"{service}/{document.kind}"]
            places = (
                set(where_named(stored.read().state, person))
                if document.district == "north"
                else ()
            )
            by = {each for each in places if each in said.personal}
            ids = (document.id, stands_for(document.id))
            roles = {each["role"] for id_ in ids for each in found.pop((service, id_), ())}
            assert roles == by, (service, document.kind, document.id)
            for place in {*places} - by:
                last = place.rpartition(".")[2]
                known = said.not_personal or SCHEDULE.named_only.get(last)
                whole = any(not said.personal[role].shown for role in roles)
                assert known or whole, (service, document.kind, place)
            seen += len(roles)
    assert found == {}
    assert seen


async def test_of_what_is_hers_every_field_is_there_that_is_not_withheld(north: Filled) -> None:
    found = await held(north, f"north/{HER}", HER)
    kinds = set()
    for each in found:
        if each["part"] != "record":
            continue
        said = SCHEDULE.records[f"{each['service']}/{each['kind']}"]
        part = said.personal[each["role"]]
        tops = {name.partition(".")[0] for name in part.shown or names_of(said.stored)}
        assert each["content"].keys() == tops - said.withheld.keys(), each["kind"]
        kinds.add((each["kind"], each["role"]))
    assert kinds == {
        ("person", "sourced_id"), ("match", "target"), ("grant", "people"), ("cover", "teacher"),
        ("experience", "person"), ("class", "teachers"), ("coaching_session", "teachers"),
        ("enrollment", "teacher"), ("circle", "people"), ("community_meeting", "people"),
        ("takeaway", "author"), ("training", "person"),
        ("artifact_erasure", "person"),
        ("relationship", "teacher"), ("planning_entry", "teacher"), ("planning_entry", "author"),
        ("planning_entry", "readers"), ("agreement", "teacher"), ("flag_answer", "teacher"),
        ("coaching_request", "teacher"), ("pair_interest", "teacher"),
        ("coaching_offer", "coach"),
        ("celebration", "teacher"),
        ("goal", "teacher"), ("goal_share", "teacher"), ("trial", "teacher"), ("walk", "teacher"),
        ("administration", "teacher"),
        ("administration_share", "teacher"), ("observation", "teacher"),
        ("observation_share", "teacher"), ("acknowledgment", "person"), ("erasure", "person"),
    } | (kinds & {("grant", "person"), ("match", "source"), ("receipt", "person")})  # fmt: skip


async def test_what_has_left_a_goal_and_its_events_are_there(north: Filled) -> None:
    found = [each for each in await held(north, f"north/{HER}", HER) if each["kind"] != "look"]
    goal = north.ids["north"]["goal_id"]
    (record,) = [each for each in found if (each["part"], each["of_id"]) == ("record", goal)]
    left = [each for each in found if each["kind"] == "goal_progress" and each["of_id"] == goal]
    values = [each["content"]["part"]["value"] for each in reversed(left)]
    values += [each["value"] for each in record["content"]["progress"]]
    assert values == [42, *range(45)]
    events = [each for each in found if (each["part"], each["of_id"]) == ("event", goal)]
    assert [each["number"] for each in events] == list(range(1, record["number"] + 1))
    assert events[0]["content"] == {"type": "coaching.goals.v1.GoalDrafted"}
    by_device = "2026-10-03T07:30:00Z"
    recorded = {"type": "coaching.goals.v1.GoalProgressRecorded", "made_at": by_device}
    assert recorded in [each["content"] for each in events]


async def test_page_by_page_it_is_the_same(north: Filled) -> None:
    """Each page goes on where the one before ended, within a record too."""
    whole = await held(north, f"north/{HER}", HER)
    for size in (1, 7):
        assert await held(north, f"north/{HER}", HER, size) == whole


@pytest.mark.parametrize("size", [1, 2, 200])
async def test_what_a_newer_build_has_stored_is_counted_once_and_ends(size: int) -> None:
    """Also where it is the last of its section, and fills a page."""
    north = Filled()
    await north.fill("north")
    newer = 0
    for each in vars(north.services["goals"].backing.store)["_stored"].values():
        named = each.document.kind == "goal" and each.read().state["teacher"] == HER
        if named and each.document.district == "north":
            each.document, newer = replace(each.document, schema=99), newer + 1
    page, pages, left_out = "", 0, 0
    query = f"/goals/v1/personal-records?person_id={HER}&page_size={size}"
    while page or not pages:
        told = (await north.ask(f"north/{HER}", "GET", f"{query}&page_token={page}")).json()
        page, pages, left_out = told["next_page_token"], pages + 1, left_out + told["left_out"]
        assert pages < 100
    assert 0 < left_out == newer


@pytest.mark.parametrize(
    "place", ["x", "99999999999999999999:", "0:a", "0:a|b", "0:|GOAL|q", "0:|GOAL|goal_progress:x"]
)
async def test_a_place_that_is_none_is_refused(north: Filled, place: str) -> None:
    """The digest in a token is no secret: it may hold what no page ended with."""
    path = f"/goals/v1/personal-records?person_id={HER}"
    first = (await north.ask(f"north/{HER}", "GET", path)).json()["personal_records"][0]
    place = place.replace("GOAL", first["of_id"])
    scope = "\x1f".join(["list_personal_records", "north", f"person_id={HER!r}"])
    token = paging.encode_token(place, scope)
    assert await refusal(north, HER, f"{path}&page_token={token}") == (
        422,
        "page_token",
        "/page_token",
    )


@pytest.mark.parametrize("who", ["admin-01", COACH, LEADER, "teacher-0002", "sis?journal.read"])
async def test_nobody_else_is_told_whatever_she_administers_or_coaches(
    north: Filled, who: str
) -> None:
    for service in WRITE_SERVICES:
        path = f"/{service}/v1/personal-records?person_id={HER}"
        refused = (403, "forbidden") if "?" in who else (404, "not_found")
        assert await refusal(north, who, path) == refused


async def test_a_records_officer_is_told_of_whom_she_is_named_for_and_leaves_a_look(
    north: Filled,
) -> None:
    grant = await name_officer(north, "coach-02", HER)
    own = await held(north, f"north/{HER}", HER)
    told = await held(north, "north/coach-02", HER)
    await north.settle()
    for each in (own, told):
        each[:] = [one for one in each if one["part"] not in ("look", "draft")]
    assert told == own
    looks = (await north.ask(f"north/{HER}", "GET", f"{LOOKS}?kind=personal_record")).json()
    seen = {(each["service"], each["relation"], each["grant_id"]) for each in looks["looks"]
            if each["viewer_id"] == "coach-02"}  # fmt: skip
    assert seen == {(service, "records_officer", grant) for service in WRITE_SERVICES}
    path = "/goals/v1/personal-records?person_id=teacher-0002"
    assert (await refusal(north, "coach-02", path))[0] == 404
    for path in (f"/goals/v1/goals?teacher_id={HER}", f"{LOOKS}?person_id={HER}"):
        assert (await refusal(north, "coach-02", path))[0] == 404
    await end(north, grant)
    path = f"/goals/v1/personal-records?person_id={HER}"
    assert (await refusal(north, "coach-02", path))[0] == 404


async def test_what_she_types_she_alone_reads(north: Filled) -> None:
    grant = await name_officer(north, "coach-02", HER)
    for who, knows in ((HER, True), ("coach-02", False)):
        (draft,) = [e for e in await held(north, f"north/{who}", HER) if e["part"] == "draft"]
        assert ("Typed by herself" in json.dumps(draft)) is knows
        assert ("texts" in draft["content"]) is knows
    await end(north, grant)


async def test_nothing_of_another_district_no_secret_and_no_sheet_is_in_it(north: Filled) -> None:
    text = json.dumps(await held(north, f"north/{HER}", HER))
    assert "Canary-south" not in text
    assert "Canary-north" in text
    assert "secret" not in text
    (order,) = [each for each in await held(north, f"north/{HER}", HER) if each["kind"] == "erasure"
                and each["part"] == "record"]  # fmt: skip
    assert order["content"]["steps"][-1]["step"] == "held"
    assert {frozenset(each) for each in order["content"]["steps"]} == {
        frozenset(("step", "by", "at"))
    }
    assert not any(code in text for code in [north.ids["north"]["code"]])


async def test_who_observed_is_told_that_she_did_and_nothing_of_the_lesson(north: Filled) -> None:
    found = [e for e in await held(north, f"north/{COACH}", COACH) if e["kind"] == "observation"]
    assert {each["role"] for each in found} == {"observer"}
    assert {each["part"] for each in found} == {"record"}
    made = {north.ids["north"][name] for name in ("observation_id", "shared_observation")}
    assert made.isdisjoint(each["of_id"] for each in found)  # she may not be shown them any more
    text = json.dumps(found)
    assert HER not in text
    assert "Canary" not in text


async def test_of_a_likeness_she_is_not_told_who_the_other_is(north: Filled) -> None:
    """Who may be somebody else, with the same address by mistake; nor who looked at it."""
    found = [each for each in await held(north, f"north/{HER}", HER) if each["kind"] == "match"]
    assert found
    for each in found:
        assert each["part"] == "record"
        names = {"reason", "state", "proposed_at", "decided_at", "merged_at", "separating_at"}
        assert each["content"].keys() == names
        assert "teacher-" not in json.dumps(each["content"])


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"org_ids": ["school-01"]}, ("records_officer_by_name", "/org_ids")),
        ({"end_date": None}, ("records_officer_ends", "/end_date")),
        ({"end_date": "2027-06-30"}, ("records_officer_too_long", "/end_date")),
        ({"person_ids": ["nobody"]}, ("unknown_person", "/person_ids")),
        ({"person_id": "admin-01"}, ("own_grant", "/person_id")),
    ],
)
async def test_an_officer_is_named_by_another_for_named_people_and_some_days(
    north: Filled, more: Thing, refused: tuple[str, str]
) -> None:
    today = north.clock.now().date().isoformat()
    body = {**OFFICER, "person_id": LEADER, "person_ids": [HER], "end_date": today, **more}
    assert await refusal(north, "admin-01", GRANTS, body) == (422, *refused)
