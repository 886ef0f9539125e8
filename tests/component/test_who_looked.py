"""Each decision about people's data that is not the caller's own leaves one line in the log: who,
what, about whom and by what right, over REST and gRPC alike, and nothing of what was shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.chassis.kernel import Fault, Kind
from services.chassis.logs import allowed_only
from tests.support import observations
from tests.support.doors import Doors
from tests.support.filled import Filled, unfilled
from tests.support.operations import ANONYMOUS, Route, caller_of, routes
from tests.support.platform import Platform
from tests.support.rpcs import Rpc, bearer, rpcs, served

DISTRICT, CANARY = "north", "Canary-north"
TEACHER, COACH, ADMIN, LEADER = "teacher-0001", "coach-01", "admin-01", "leader-01"
ROUTES, RPCS = list(routes(unfilled())), list(rpcs(unfilled()))
ABOUT_NOBODY = {
    "list_orgs", "list_academic_sessions", "state_calendar", "get_calendar", *ANONYMOUS,
    "draft_instrument", "publish_instrument", "withdraw_instrument", "get_instrument",
    "fork_instrument", "edit_instrument", "judge_instrument", "retire_instrument",
    "get_instrument_changes",
    "list_instruments", "draft_tool", "publish_tool", "withdraw_tool", "get_tool", "list_tools",
    "draft_statement", "publish_statement", "withdraw_statement", "get_statement",
    "list_statements", "get_me", "state_school_calendar", "get_school_calendar",
    "summarize_experience", "summarize_refused_purposes", "list_disclosures",
    "state_measure", "get_measure", "list_measures",
    *(f"{what}_strategy" for what in ("write", "revise", "publish", "withdraw", "retire", "get")),
    *(f"{what}_tree" for what in ("draft", "edit", "publish", "retire", "withdraw", "get")),
    *(f"{what}_framework" for what in ("begin", "extend", "publish", "retire", "withdraw", "get")),
    "list_frameworks", "list_standards", "list_strategies", "list_trees",
    *(f"{what}_program" for what in (
        "draft", "edit", "plan", "deviate", "open", "begin", "close", "withdraw", "get"
    )),
    "list_programs", "get_process_template", "list_process_templates", "get_program_size",
    "get_program_process",
    "get_program_delivery",
    *(f"{what}_coaching_round" for what in ("plan", "edit", "open", "close", "get")),
    "list_coaching_rounds",
    "propose_policy", "sign_policy", "get_policy", "list_policies", "get_retention",
    "register_partner", "change_partner", "suspend_partner", "resume_partner", "revoke_partner",
    "get_partner", "list_partners",
    "save_draft", "get_draft", "delete_draft", "list_drafts",  # the caller's own, always
    "sync",  # whose commands tell of themselves
}  # fmt: skip
OWN = {
    "get_own_caseload",
    "get_attention",
    "get_own_pairs",
    "list_relationships",
    "list_agreements",
    "list_circles",
    "list_coaching_requests",
    "request_coaching",
    "offer_coaching",
    "list_coaching_offers",
    "state_pair_interest",
    "list_pair_suggestions",
    "list_planning_entries",
    "plan_community_meeting",
    "list_community_meetings",
    "list_takeaways",
    "acknowledge_statement",
    "list_acknowledgments",
}
OWN |= {"list_looks", "list_personal_records", "get_take_out", "list_take_out_parts"}
OWN |= {"get_check_ins"}
for _shared in ("goal", "observation", "administration"):
    OWN |= {f"{what}_{_shared}_share" for what in ("create", "get", "revoke")}
    OWN |= {f"list_{_shared}_shares", f"list_received_{_shared}_shares"}
MANY = {"list_people", "list_open_administrations", "get_caseload", "get_own_caseload",
        "get_attention", "get_own_pairs", "carry_over_relationships", "list_staff",
        "state_experience", "list_erasures", "get_access_explanation",
        "list_pair_suggestions", "list_coach_suggestions"}  # fmt: skip
UNKNOWN = {"watch_caseload", "import_roster", "read_journal", "follow_events"}  # how many
UNKNOWN |= {"list_imports", "get_import", "get_import_report"}
_SIDES = [TEACHER, "teacher-0002"]  # who is away, and her substitute
SUBJECTS = {
    "add_provisional_person": ["new-01"],
    "withdraw_provisional_person": ["new-02"],
    "propose_match": ["teacher-0003", "teacher-0002"],
    "get_match": ["new-03", TEACHER],
    "confirm_match": ["new-04", TEACHER],
    "dismiss_match": ["new-05", TEACHER],
    "separate_match": ["new-06", TEACHER],
    "order_erasure": [COACH],
    "hold_erasure": ["teacher-0002"],
    "withdraw_erasure": ["coach-02"],
    "get_erasure": ["coach-02"],
} | {f"{what}_cover": _SIDES for what in ("enter", "change", "end", "get")}
PEOPLE = (TEACHER, "teacher-0002", COACH, ADMIN, LEADER, "nobody")
Line = Mapping[str, Any]


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    """Shared: what one test changes makes no difference to who may look."""
    platform = Filled()
    await platform.fill(DISTRICT, CANARY)
    async with served(platform) as channels:
        yield Doors(platform, channels)


async def asked_over_rest(doors: Doors, route: Route, who: str) -> list[Line]:
    with capture_logs([allowed_only]) as lines:
        await doors.rest(route, doors.platform.ids[DISTRICT], who)
    return decisions(lines)


async def asked_over_grpc(doors: Doors, rpc: Rpc, who: str) -> list[Line]:
    metadata = (("authorization", f"Bearer {who}"),) if who else ()
    with capture_logs([allowed_only]) as lines:
        await doors.rpc(rpc, doors.platform.ids[DISTRICT], metadata)
    return decisions(lines)


def decisions(lines: list[Any]) -> list[Line]:
    return [each for each in lines if each["event"] == "access_decision"]


def check_usual(operation: str, token: str, lines: list[Line]) -> None:
    """What somebody who may leaves."""
    _, _, who = token.partition("/")
    partner, _, _ = who.partition("?")
    relation = {COACH: "coach", ADMIN: "district_admin"}.get(who, "scope" if "?" in who else "own")
    if operation in (
        "get_caseload",
        "get_own_caseload",
        "get_attention",
        "get_own_pairs",
        "watch_caseload",
    ):
        relation = "party"
    if operation == "list_staff":
        relation = "coaching"
    if operation in (
        "grant_coaching_request",
        "turn_down_coaching_request",
        "list_coach_suggestions",
        "void_training",
    ):
        relation = "program_lead"
    of_theirs = (
        "relationship",
        "relationships",
        "circle",
        "circles",
        "community_meeting",
        "community_meetings",
        "planning_record",
        "flag_answer",
        "agreement",
        "agreements",
    )  # of whom it names
    of_the_two = operation.endswith(of_theirs) and operation not in MANY
    shows_nobody = operation in ABOUT_NOBODY or operation == "issue_ticket"
    if shows_nobody or relation == "own" or of_the_two:
        assert lines == []
        return
    (line,) = lines
    expected = {
        "event": "access_decision",
        "log_level": "info",
        "district_id": DISTRICT,
        "operation": operation,
        "kind": line["kind"],
        "decision": "allowed",
        "relation": relation,
        **({"partner_id": partner} if relation == "scope" else {"viewer_id": who}),
    }
    if relation == "program_lead":
        expected["grant_id"] = line["grant_id"]
    if operation in MANY:
        assert line["count"] >= 1
        expected["count"] = line["count"]
    elif operation not in UNKNOWN:
        expected["subject_ids"] = SUBJECTS.get(operation, [TEACHER])
    assert line == expected


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
async def test_whoever_may_leaves_one_line_about_others_and_none_about_herself(
    doors: Doors, route: Route
) -> None:
    usual = caller_of(route.operation, DISTRICT)
    check_usual(route.operation, usual, await asked_over_rest(doors, route, usual))


@pytest.mark.parametrize("rpc", RPCS, ids=lambda each: f"{each.service}-{each.operation}")
async def test_over_grpc_whoever_may_leaves_one_line_about_others(doors: Doors, rpc: Rpc) -> None:
    usual = caller_of(rpc.operation, DISTRICT)
    assert bool(usual) == bool(bearer(rpc, DISTRICT))
    check_usual(rpc.operation, usual, await asked_over_grpc(doors, rpc, usual))


def check_refused(operation: str, lines: list[Line]) -> None:
    if operation in ABOUT_NOBODY:
        assert lines == []
        return
    (line,) = lines
    assert (line["decision"], line["viewer_id"]) == ("refused", LEADER)
    assert (line["operation"], line["district_id"]) == (operation, DISTRICT)
    assert not line.keys() & {"relation", "count"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
async def test_whoever_is_refused_leaves_one_line(doors: Doors, route: Route) -> None:
    if route.operation in OWN:
        return  # her own, of nobody
    token = f"{DISTRICT}/{LEADER}" if route.operation not in ANONYMOUS else ""
    check_refused(route.operation, await asked_over_rest(doors, route, token))


@pytest.mark.parametrize("rpc", RPCS, ids=lambda each: f"{each.service}-{each.operation}")
async def test_over_grpc_whoever_is_refused_leaves_one_line(doors: Doors, rpc: Rpc) -> None:
    if rpc.operation in OWN:
        return
    token = f"{DISTRICT}/{LEADER}" if rpc.operation not in ANONYMOUS else ""
    check_refused(rpc.operation, await asked_over_grpc(doors, rpc, token))


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
async def test_a_teacher_leaves_no_line_about_herself(doors: Doors, route: Route) -> None:
    lines = await asked_over_rest(doors, route, f"{DISTRICT}/{TEACHER}")
    assert not [each for each in lines if TEACHER in each.get("subject_ids", ())]
    if route.operation != "get_own_pairs":  # which is of her partner, too
        assert not [each for each in lines if each["decision"] == "allowed" and "count" in each]


async def test_no_line_holds_what_was_shown(doors: Doors) -> None:
    shown, seen = 0, 0
    for who in (caller_of("import_roster", DISTRICT), *(f"{DISTRICT}/{p}" for p in PEOPLE)):
        with capture_logs() as lines:  # all that is given to the log, allowed or not
            for route in ROUTES:
                if route.operation not in ANONYMOUS:
                    answer = await doors.rest(route, doors.platform.ids[DISTRICT], who)
                    shown += CANARY.encode() in answer.body
        seen += len(decisions(lines))
        assert CANARY not in repr(lines)
    assert shown > 20
    assert seen > 50


def test_every_operation_says_whether_it_is_about_people() -> None:
    silent = set()
    for service in Platform().services.values():
        assert service.api is not None
        silent |= {name for name, policy in service.api.policies.items() if not policy.about}
    assert silent == ABOUT_NOBODY


async def test_what_the_observation_itself_hides_is_refused_in_the_log_too() -> None:
    service, made = await scheduled()
    held = service.ports.observation.observations
    reads: Mapping[str, Callable[..., Any]] = {
        "get_observation": lambda _, asking, made: held.get(asking, made),
        "record_scores": observations.scored,
    }
    for operation, read in reads.items():
        asking = observations.call(operation, observations.OTHER_COACH)
        with capture_logs() as lines, pytest.raises(Fault) as caught:
            await read(service, asking, made)
        assert caught.value.kind is Kind.NOT_FOUND
        (line,) = decisions(lines)
        assert (line["decision"], line["operation"]) == ("refused", operation)
        assert not asking.decided


async def test_a_command_that_is_tried_again_leaves_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, made = await scheduled()
    races, replace = 2, service.documents.replace

    async def lost(*arguments: Any) -> bool:
        nonlocal races
        races -= 1
        return await replace(*arguments) if races < 0 else False

    monkeypatch.setattr(service.documents, "replace", lost)  # others came first
    with capture_logs() as lines:
        asking = observations.call("record_scores", observations.COACH)
        await observations.scored(service, asking, made)
    assert races == -1
    (line,) = decisions(lines)
    assert (line["decision"], line["relation"]) == ("allowed", "coach")


async def scheduled() -> tuple[observations.Service, str]:
    """One that only its teacher and its observer may see."""
    service = observations.Service()
    asking = observations.call("schedule_observation", observations.COACH)
    tool_id = await observations.published_tool(service)
    made = await observations.scheduled(service, asking, tool_id)
    return service, made.id
