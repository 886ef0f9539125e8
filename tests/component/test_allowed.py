"""What a resource says is allowed is what its operations then do: for everybody who may see it, in
every state that there is, of each kind."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from services.chassis.edge.http_strict import StrictRoute
from services.chassis.edge.operation import NAMES
from tests.support.filled import Filled
from tests.support.operations import Route, example_body, routes

NORTH = "north"
READER = "archive?receipts.read+receipts.write"  # a partner's program, which has read of somebody
PEOPLE = (
    *("teacher-0001", "teacher-0002", "teacher-0003", "coach-01", "coach-02", "admin-01"),
    READER,
)
READS = {  # each begins with its service
    "celebration": "/goals/v1/celebrations/{celebration_id}",
    "goal": "/goals/v1/goals/{goal_id}",
    "measure": "/goals/v1/measures/{measure_id}",
    "strategy": "/goals/v1/strategies/{strategy_id}",
    "trial": "/goals/v1/trials/{trial_id}",
    "tree": "/goals/v1/trees/{tree_id}",
    "framework": "/goals/v1/frameworks/{framework_id}",
    "walk": "/goals/v1/walks/{walk_id}",
    "person": "/roster/v1/people/{person_id}",
    "observation": "/observations/v1/observations/{observation_id}",
    "tool": "/observations/v1/tools/{tool_id}",
    "administration": "/surveys/v1/administrations/{administration_id}",
    "instrument": "/surveys/v1/instruments/{instrument_id}",
    "statement": "/privacy/v1/statements/{statement_id}",
    "policy": "/privacy/v1/policies/{policy_id}",
    "partner": "/privacy/v1/partners/{partner_id}",
    "relationship": "/programs/v1/relationships/{relationship_id}",
    "agreement": "/programs/v1/agreements/{agreement_id}",
    "circle": "/programs/v1/circles/{circle_id}",
    "enrollment": "/programs/v1/enrollments/{enrollment_id}",
    "flag_answer": "/programs/v1/flag-answers/{flag_answer_id}",
    "pair_interest": "/programs/v1/pair-interests/{pair_interest_id}",
    "coaching_round": "/programs/v1/coaching-rounds/{coaching_round_id}",
    "coaching_offer": "/programs/v1/coaching-offers/{coaching_offer_id}",
    "coaching_request": "/programs/v1/coaching-requests/{coaching_request_id}",
    "coaching_session": "/programs/v1/coaching-sessions/{coaching_session_id}",
    "community_meeting": "/programs/v1/community-meetings/{community_meeting_id}",
    "takeaway": "/programs/v1/takeaways/{takeaway_id}",
    "training": "/programs/v1/trainings/{training_id}",
    "program": "/programs/v1/programs/{program_id}",
    "goal_share": "/goals/v1/shares/{goal_share_id}",
    "observation_share": "/observations/v1/shares/{observation_share_id}",
    "administration_share": "/surveys/v1/shares/{administration_share_id}",
    "grant": "/roster/v1/grants/{grant_id}",
    "cover": "/roster/v1/covers/{cover_id}",
    "match": "/roster/v1/matches/{match_id}",
    "calendar": "/roster/v1/calendars/{school_year}",
    "school_calendar": "/roster/v1/calendars/{school_year}/schools/{org_id}",
    "erasure": "/privacy/v1/erasures/{person_id}",
    "artifact_erasure": "/privacy/v1/artifact-erasures/{artifact_erasure_id}",
    "receipt": "/privacy/v1/receipts/{receipt_id}",
}
OTHERS = {  # of a kind, those whose names do not say it
    "relationship": (
        *("to_accept", "to_decline", "to_end"),
        *("handover_to_accept", "handover_to_decline", "handover_to_withdraw"),
    ),
    "match": ("match_to_confirm", "match_to_dismiss"),
    "calendar": ("calendar",),
    "school_calendar": ("calendar",),
    "erasure": ("person_to_erase", "person_to_hold", "held_person", "waiting_person"),
}
OF_ANOTHER = {  # what is a resource of one kind and of two nouns
    "calendar": {"state_school_calendar"},
    "school_calendar": {"state_calendar"},
}
REFUSED = (403, 404, 409)
# what the example changes is not to be changed any more, or stands elsewhere in its tree
SENT_WRONG = [("edit_program", "program_opened"), ("answer_step", "another_step")]
SENT_WRONG += [("choose_offer", "another_step"), ("complete_walk", "not_at_an_end")]


def ids_of(platform: Filled, kind: str) -> list[str]:
    """All things of a kind that the platform was filled with."""
    ids = platform.ids[NORTH]
    names = {name for name in ids if name == f"{kind}_id" or name.endswith(f"_{kind}")}
    return [ids[name] for name in sorted({*names, *OTHERS.get(kind, ())} & ids.keys())]


@pytest.mark.parametrize(
    ("service", "kind"), [(path.split("/")[1], kind) for kind, path in READS.items()]
)
async def test_what_is_allowed_is_done_and_nothing_else(service: str, kind: str) -> None:
    platform = Filled()
    await platform.fill(NORTH)
    places = {each.operation: each for each in routes(platform)}
    document = platform.services[service].app.openapi_schema
    assert document is not None
    actions, seen = _actions_of(document, kind), set[str]()
    for thing in ids_of(platform, kind):
        for who in PEOPLE:
            target = READS[kind].format(**_ids(platform, kind, thing))
            async with platform.client(service, f"{NORTH}/{who}") as client:
                found = await client.get(target)
            if found.status_code != 200:
                continue
            allowed = found.json()["allowed"]
            for name in actions - OF_ANOTHER.get(kind, set()):
                done = await _try(platform, places[name], kind, thing, who)
                assert (done not in REFUSED) == (name in allowed), (name, who, done, found.json())
                seen |= {name} if name in allowed else set()
            assert set(allowed) <= actions - OF_ANOTHER.get(kind, set())
    # each was allowed to somebody, once
    assert seen == actions - OF_ANOTHER.get(kind, set())


def _actions_of(document: Any, kind: str) -> set[str]:
    schema = document["components"]["schemas"][_shown(document, READS[kind])]
    return set(schema["properties"]["allowed"]["items"]["enum"])


def _shown(document: Any, path: str) -> str:
    """The schema of what a read answers."""
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]
    schema = answer.get("application/json", {}).get("schema", {})
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return name


def _ids(platform: Filled, kind: str, thing: str) -> dict[str, str]:
    """The ids of usual things, this one in place of the usual one of its kind."""
    return {**platform.ids[NORTH], NAMES.findall(READS[kind])[0]: thing}


def test_every_kind_that_says_what_is_allowed_is_tried() -> None:
    for service in Filled().services.values():
        document = service.app.openapi()
        for path, methods in document["paths"].items():
            shown = _shown(document, path) if "get" in methods else ""
            schema = document["components"]["schemas"].get(shown, {})
            assert "allowed" not in schema.get("properties", {}) or path in READS.values(), path


async def _try(platform: Filled, route: Route, kind: str, thing: str, who: str) -> int:
    """The status of a request that is refused at the last moment, for the version that it saw was
    never there: so nothing changes."""
    ids = _ids(platform, kind, thing)
    body = copy.deepcopy(example_body(platform, route, ids)) if route.body else None
    async with platform.client(route.service, f"{NORTH}/{who}") as client:
        done = await client.request(
            route.method,
            route.template.format(**ids),
            json=body,
            headers={"If-Match": '"999"'},
        )
    assert done.status_code in (412, 422, *REFUSED), (route.operation, done.text)
    return 422 if (route.operation, done.json()["code"]) in SENT_WRONG else done.status_code


def test_every_operation_on_a_thing_has_a_rule_but_those_on_a_part_of_it() -> None:
    without = set()
    for service in Filled().services.values():
        for route in service.app.routes:
            if isinstance(route, StrictRoute) and route.acted is not None and "{" in route.path:
                name = str(route.operation_id)
                if "GET" not in (route.methods or ()) and name not in route.actions:
                    without.add(name)
    of_a_part = "correct_progress void_progress void_comment void_evidence void_trial_result"
    assert without == set(of_a_part.split())


async def test_a_list_says_the_same_as_each_of_its_things() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    for who, path, many, id_ in (
        ("teacher-0001", "/goals/v1/goals?teacher_id=teacher-0001", "goals", "goal_id"),
        ("coach-01", "/goals/v1/goals?teacher_id=teacher-0001", "goals", "goal_id"),
        (
            "coach-01",
            "/observations/v1/observations?teacher_id=teacher-0001",
            "observations",
            "observation_id",
        ),
        (
            "teacher-0001",
            "/surveys/v1/administrations?teacher_id=teacher-0001",
            "administrations",
            "administration_id",
        ),
        ("coach-01", "/observations/v1/tools", "tools", "tool_id"),
        ("coach-01", "/surveys/v1/instruments", "instruments", "instrument_id"),
        ("coach-01", "/goals/v1/measures", "measures", "measure_id"),
        ("admin-01", "/roster/v1/people?provisional=true", "people", "person_id"),
        ("admin-01", "/privacy/v1/statements", "statements", "statement_id"),
        ("coach-01", "/privacy/v1/policies", "policies", "policy_id"),
        ("admin-01", "/privacy/v1/partners", "partners", "partner_id"),
        ("teacher-0001", "/privacy/v1/receipts", "receipts", "receipt_id"),
        ("coach-01", "/programs/v1/relationships", "relationships", "relationship_id"),
    ):
        listed = (await platform.ask(f"{NORTH}/{who}", "GET", path)).json()[many]
        assert listed
        for each in listed:
            place = f"{path.partition('?')[0]}/{each[id_]}"
            alone = (await platform.ask(f"{NORTH}/{who}", "GET", place)).json()
            assert alone["allowed"] == each["allowed"], (place, who)
