"""Roles that a district gives beside those of its roster: whom they let in, for whom, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from structlog.testing import capture_logs

from coaching.insights.v1.caseload_pb2 import WatchCaseloadRequest
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from services.access.districts import District, Districts
from services.chassis.logs import allowed_only
from tests.support.coaching import TOOL
from tests.support.rpcs import channel
from tests.support.staff import Staffed, staffed

GRANTS = "/roster/v1/grants"
WHY = {"reason": "The post is not filled yet"}


async def give(north: Staffed, by: str = "admin", **asked: Any) -> httpx2.Response:
    body = {"person_id": "aide", "role": "coach", "org_ids": ["school-1"], **WHY, **asked}
    async with north.client("roster", f"north/{by}") as client:
        answer = await client.post(GRANTS, json=body)
    await north.settle()
    return answer


async def given(north: Staffed, **asked: Any) -> str:
    answer = await give(north, **asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["grant_id"])


async def end(north: Staffed, grant: str) -> None:
    await north.ask("north/admin", "POST", f"{GRANTS}/{grant}/end", WHY)
    await north.settle()


def refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()
    places = [each["pointer"] for each in told.get("errors", ())]
    return answer.status_code, told.get("code", ""), places[0] if places else ""


async def may_coach(north: Staffed, coach: str = "aide", teacher: str = "teacher") -> bool:
    """As far as she may propose it: it is not kept."""
    return (await north.propose(coach, coach, teacher, school_year=2028)).status_code == 201


async def test_a_grant_lets_coach_whom_it_reaches_and_no_other() -> None:
    north = await staffed(far=[("teacher", "", "")])
    assert not await may_coach(north)
    await given(north, person_ids=["teacher"], org_ids=[])
    assert await may_coach(north)
    assert not await may_coach(north, teacher="peer")
    refused = await north.propose("aide", "aide", "nobody")
    other = await north.propose("aide", "aide", "peer")
    assert refused.json()["code"] == other.json()["code"] == "not_a_coach"  # nor who there is


async def test_a_grant_for_a_school_reaches_who_holds_a_role_there_on_the_day() -> None:
    north = await staffed(teacher=[("teacher", "", "2026-10-10")])
    await given(north)
    await north.coached("aide")
    assert await north.sees("aide") == {"goals", "surveys", "observations", "insights"}
    assert [each["teacher_id"] for each in await north.caseload("aide")] == ["teacher"]
    north.clock.set(datetime(2026, 10, 11, 12, tzinfo=UTC))  # her role there is over
    assert await north.sees("aide") == set()
    assert await north.caseload("aide") == []


async def test_the_roster_refuses_at_once_what_it_has_ended_or_narrowed_itself() -> None:
    """Before its event is back."""
    north = await staffed()
    staff = "/roster/v1/orgs/school-1/staff"
    narrowed, ended = await given(north), await given(north, person_id="peer")
    await given(north, person_id="leader")
    assert [await north.status(who, staff) for who in ("aide", "peer")] == [200, 200]
    later = {**WHY, "org_ids": ["school-1"], "begin_date": "2026-12-01"}
    seen = {"If-Match": '"1"'}
    await north.ask("north/admin", "POST", f"{GRANTS}/{narrowed}/change", later, headers=seen)
    await north.ask("north/admin", "POST", f"{GRANTS}/{ended}/end", WHY)
    assert [await north.status(who, staff) for who in ("aide", "peer")] == [403, 403]
    me = (await north.ask("north/peer", "GET", "/roster/v1/me")).json()
    assert "coach" not in me["capabilities"]
    assert await north.status("leader", staff) == 200
    await north.settle()
    assert [await north.status(who, staff) for who in ("aide", "peer", "leader")] == [403, 403, 200]


async def test_ending_it_early_closes_at_once_and_nothing_else_is_lost() -> None:
    north = await staffed()
    grant = await given(north)
    await north.coached("aide")
    await end(north, grant)
    assert await north.sees("aide") == set()
    told = (await north.ask("north/admin", "GET", f"{GRANTS}/{grant}")).json()
    assert (told["state"], told["ended_by"], told["end_reason"]) == (
        "ended",
        "admin",
        WHY["reason"],
    )
    again = await north.ask("north/admin", "POST", f"{GRANTS}/{grant}/end", WHY, status=409)
    assert again.json()["code"] == "grant_ended"
    await given(north)
    assert await north.sees("aide") != set()  # the relationship was there all the time


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Auckland"])
async def test_it_begins_and_ends_with_the_districts_days_without_any_event(zone: str) -> None:
    north = await staffed(Districts({"north": District(time_zone=zone)}))
    grant = await given(north, begin_date="2026-10-07", end_date="2026-10-08")
    there = ZoneInfo(zone)
    # a relationship that was there before: proposed while she may, accepted, kept
    north.clock.set(datetime(2026, 10, 7, 0, 0, tzinfo=there).astimezone(UTC))
    await north.coached("aide")
    version = (await north.ask("north/admin", "GET", f"{GRANTS}/{grant}")).json()["version"]
    for moment, sees in (
        (datetime(2026, 10, 6, 23, 59, tzinfo=there), False),
        (datetime(2026, 10, 7, 0, 0, tzinfo=there), True),
        (datetime(2026, 10, 8, 23, 59, tzinfo=there), True),
        (datetime(2026, 10, 9, 0, 0, tzinfo=there), False),
    ):
        north.clock.set(moment.astimezone(UTC))
        assert bool(await north.sees("aide")) is sees, moment
        assert bool(await north.caseload("aide")) is sees, moment
    told = (await north.ask("north/admin", "GET", f"{GRANTS}/{grant}")).json()
    assert (told["state"], told["version"]) == ("open", version)


async def test_an_import_leaves_grants_alone_and_a_person_who_leaves_is_let_in_nowhere() -> None:
    north = await staffed()
    grant = await given(north)
    await north.coached("aide")
    await north.roster(aide=[("proctor", "", "")])
    assert await north.sees("aide") != set()
    await north.roster(aide=None)
    assert await north.sees("aide") == set()
    await north.roster(aide=[("counselor", "", "")])
    assert await north.sees("aide") != set()
    told = (await north.ask("north/admin", "GET", f"{GRANTS}/{grant}")).json()
    assert (told["state"], told["version"]) == ("open", 1)


async def test_roles_and_grants_add_up_and_the_decision_names_the_grant() -> None:
    north = await staffed()
    grant = await given(north)
    await north.coached("aide")
    await north.coached("peer")
    await given(north, person_id="peer", person_ids=["teacher"], org_ids=[])
    for coach, expected in (("aide", grant), ("peer", None)):  # a peer needs none
        with capture_logs() as lines:
            await north.sees(coach)
        told = [each for each in lines if each["event"] == "access_decision"]
        goals = next(each for each in told if each["operation"] == "list_goals")
        assert (goals["relation"], goals.get("grant_id")) == ("coach", expected)


async def test_of_many_the_log_names_all_grants_that_were_taken() -> None:
    north = await staffed()
    one = await given(north, person_ids=["teacher"], org_ids=[])
    two = await given(north, person_ids=["peer"], org_ids=[])
    await given(north, org_ids=["school-2"])  # which reaches neither
    for teacher in ("teacher", "peer"):
        await north.coached("aide", teacher)
        await observed(north, "aide", teacher)
    both = {"grant_ids": sorted([one, two]), "count": 2}
    for path, relation in (
        ("/observations/v1/observations?observer_id=me", "coach"),
        ("/insights/v1/caseloads/me", "party"),
        ("/insights/v1/caseload", "party"),  # which is kept by now
    ):
        (told,) = await looked(north, "aide", path)
        assert {**told, "relation": relation, **both} == told, path
    await end(north, two)
    north.clock.forward(minutes=1)
    for path in ("/observations/v1/observations?observer_id=me", "/insights/v1/caseload"):
        (told,) = await looked(north, "aide", path)
        assert (told["grant_ids"], told["count"]) == ([one], 1)
    north.clock.set(datetime(2027, 7, 5, tzinfo=UTC))  # entries of two years' cards
    (told,) = await looked(north, "aide", "/insights/v1/caseload")
    assert (told["grant_ids"], told["count"]) == ([one], 1)
    await north.roster(aide=[("ext:coach", "", "")])  # who needs none any more
    for path in ("/observations/v1/observations?observer_id=me", "/insights/v1/caseload"):
        (told,) = await looked(north, "aide", path)
        assert ("grant_ids" in told, told["count"]) == (False, 2)


async def test_of_a_live_caseload_the_log_names_all_grants_with_which_somebody_may_come() -> None:
    north = await staffed()
    grants = [await given(north, person_ids=[each], org_ids=[]) for each in ("teacher", "peer")]
    await north.coached("aide")
    insights = north.services["insights"]
    async with channel(f"127.0.0.1:{await insights.grpc.start()}") as at:
        with capture_logs([allowed_only]) as lines:
            stream = CaseloadsServiceStub(at).WatchCaseload(
                WatchCaseloadRequest(), metadata=[("authorization", "Bearer north/aide")]
            )
            await stream.read()
            stream.cancel()
    await insights.grpc.stop()
    (told,) = [each for each in lines if each["event"] == "access_decision"]
    assert (told["relation"], told["grant_ids"]) == ("party", sorted(grants))


async def test_who_administers_takes_no_grant_to_look_up_staff() -> None:
    north = await staffed(second=[("districtAdministrator", "", "")])
    grant = await given(north, person_id="second")
    await given(north)
    staff = "/roster/v1/orgs/school-1/staff"
    (told,) = await looked(north, "second", staff)
    assert (told["relation"], "grant_id" in told) == ("district_admin", False)
    (told,) = await looked(north, "aide", staff)
    assert (told["relation"], told["grant_id"] == grant) == ("coaching", False)


async def observed(north: Staffed, coach: str, teacher: str) -> None:
    who, place = f"north/{coach}", "/observations/v1"
    made = await north.ask(who, "POST", f"{place}/tools", TOOL, status=201)
    tool = made.json()["tool_id"]
    await north.ask(who, "POST", f"{place}/tools/{tool}/publish")
    planned = {"setting": "live", "scheduled_for": "2026-10-08T18:00:00Z"}
    body = {"teacher_id": teacher, "tool_id": tool, **planned}
    await north.ask(who, "POST", f"{place}/observations", body, status=201)


async def looked(north: Staffed, who: str, path: str) -> list[Any]:
    with capture_logs([allowed_only]) as lines:
        await north.ask(f"north/{who}", "GET", path)
    return [each for each in lines if each["event"] == "access_decision"]


async def test_whoever_is_to_lead_by_a_grant_leads() -> None:
    north = await staffed()
    await north.coached("coach")
    assert await north.sees("coach") != set()
    grant = await given(north, person_id="coach", role="school_leader")
    assert await north.sees("coach") == set()
    me = (await north.ask("north/coach", "GET", "/roster/v1/me")).json()
    assert me["capabilities"] == ["coach", "lead"]
    await end(north, grant)
    assert await north.sees("coach") != set()


async def test_the_other_roles_open_nobodys_data() -> None:
    north = await staffed()
    await north.coached("coach")
    for role in ("program_lead", "facilitator", "school_leader", "safeguarding"):
        await given(north, role=role, person_ids=["teacher"])
    assert not await may_coach(north)
    assert await north.sees("aide") == set()
    for path in ("people", "orgs/school-1/staff", "grants?org_id=school-1", "imports"):
        assert await north.status("aide", f"/roster/v1/{path}") in (403, 404, 405), path


async def test_who_may_coach_by_a_grant_looks_up_the_staff_of_its_schools_alone() -> None:
    north = await staffed()
    await given(north)
    assert await north.status("aide", "/roster/v1/orgs/school-1/staff") == 200
    assert await north.status("aide", "/roster/v1/orgs/school-2/staff") == 403
    assert await north.status("coach", "/roster/v1/orgs/school-2/staff") == 200


async def test_only_the_district_gives() -> None:
    north = await staffed()
    grant = await given(north)
    for by in ("teacher", "coach", "leader", "aide", "sis?roster.write"):
        assert (await give(north, by=by)).status_code == (403 if "?" in by else 404)
        for how, body in (("end", WHY), ("change", {**WHY, "org_ids": ["school-1"]})):
            path, seen, status = f"{GRANTS}/{grant}/{how}", {"If-Match": '"1"'}, 404
            if "?" in by:
                status = 403
            await north.ask(f"north/{by}", "POST", path, body, headers=seen, status=status)


NOT_GIVEN: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"person_id": "admin"}, (422, "own_grant", "/person_id")),
    ({"person_id": "nobody"}, (422, "unknown_grantee", "/person_id")),
    ({"role": "evaluator"}, (422, "invalid_request", "/role")),
    ({"role": "district_admin"}, (422, "invalid_request", "/role")),
    ({"org_ids": []}, (422, "grant_reaches_nobody", "/org_ids")),
    ({"org_ids": ["school-9"]}, (422, "unknown_org", "/org_ids")),
    ({"person_ids": ["aide"]}, (422, "unknown_teacher", "/person_ids")),
    ({"person_ids": ["nobody"]}, (422, "unknown_teacher", "/person_ids")),
    ({"begin_date": "2026-10-04"}, (422, "begins_in_the_past", "/begin_date")),
    ({"end_date": "2026-10-04"}, (422, "ends_in_the_past", "/end_date")),
    ({"begin_date": "2026-10-09", "end_date": "2026-10-08"},
     (422, "ends_before_it_begins", "/end_date")),
    ({"end_date": "9999-12-31"}, (422, "school_year_out_of_range", "/end_date")),
    ({"role": "external_coach"}, (422, "external_coach_by_name", "/org_ids")),
    ({"role": "external_coach", "org_ids": [], "person_ids": ["teacher"]},
     (422, "external_coach_ends", "/end_date")),
    ({"reason": ""}, (422, "invalid_request", "/reason")),
]  # fmt: skip


async def test_what_is_not_given() -> None:
    north = await staffed()
    for asked, told in NOT_GIVEN:
        assert refusal(await give(north, **asked)) == told
    assert (await north.ask("north/admin", "GET", GRANTS)).json()["grants"] == []


async def test_the_same_request_after_midnight_is_answered_as_before() -> None:
    north = await staffed()
    body = {"person_id": "aide", "role": "coach", "org_ids": ["school-1"], **WHY}
    for end_date in ("2026-10-05", None):
        asked = {**body, "end_date": end_date}
        key = {"Idempotency-Key": f"until-{end_date}"}
        north.clock.set(datetime(2026, 10, 5, 12, tzinfo=UTC))
        first = await north.ask("north/admin", "POST", GRANTS, asked, headers=key, status=201)
        north.clock.set(datetime(2026, 10, 6, 12, tzinfo=UTC))
        again = await north.ask("north/admin", "POST", GRANTS, asked, headers=key, status=201)
        assert again.json()["grant_id"] == first.json()["grant_id"]
        assert again.json()["begin_date"] == "2026-10-05"
    new = await give(north, end_date="2026-10-05")
    assert refusal(new) == (422, "ends_in_the_past", "/end_date")


async def test_it_is_changed_as_a_new_version_and_what_it_said_is_kept() -> None:
    north = await staffed()
    grant = await given(north, org_ids=[], person_ids=["teacher"], end_date="2026-10-30")
    await north.coached("aide")
    body = {"reason": "Another teacher instead", "org_ids": [], "person_ids": ["peer"]}
    path = f"{GRANTS}/{grant}/change"
    missing = await north.ask("north/admin", "POST", path, body, status=428)
    assert missing.json()["code"] == "precondition_required"
    stale = {"If-Match": '"7"'}
    await north.ask("north/admin", "POST", path, body, headers=stale, status=412)
    seen = {"If-Match": '"1"'}
    told = (await north.ask("north/admin", "POST", path, body, headers=seen)).json()
    await north.settle()
    assert (told["version"], told["person_ids"], told["end_date"]) == (2, ["peer"], None)
    (before,) = told["earlier"]
    assert (before["person_ids"], before["end_date"]) == (["teacher"], "2026-10-30")
    assert before["reason"] == WHY["reason"]
    assert await north.sees("aide") == set()
    assert await may_coach(north, teacher="peer")


async def test_what_is_over_is_not_made_to_count_again() -> None:
    north = await staffed()
    grant = await given(north, end_date="2026-10-06")
    north.clock.set(datetime(2026, 10, 7, tzinfo=UTC))
    body, seen = {**WHY, "org_ids": ["school-1"]}, {"If-Match": '"1"'}
    path = f"{GRANTS}/{grant}/change"
    refused = await north.ask("north/admin", "POST", path, body, headers=seen, status=409)
    assert refused.json()["code"] == "grant_over"


async def test_they_are_listed_by_person_school_owner_and_when_they_end() -> None:
    north = await staffed(second=[("districtAdministrator", "", "")])
    one = await given(north, end_date="2026-10-20")
    two = await given(north, person_id="peer", org_ids=["school-2"], end_date="2026-10-05")
    three = await given(north, by="second", org_ids=["school-2"])
    north.clock.forward(minutes=1)

    async def listed(query: str, by: str = "admin") -> list[str]:
        found = (await north.ask(f"north/{by}", "GET", f"{GRANTS}?{query}")).json()["grants"]
        return [each["grant_id"] for each in found]

    with capture_logs() as lines:
        assert set(await listed("")) == {one, two, three}
    (told,) = [each for each in lines if each["event"] == "access_decision"]
    assert (told["kind"], told["count"]) == ("grant", 2)  # people, and nobody's name
    assert set(await listed("person_id=aide")) == set(await listed("person_id=me", "aide"))
    assert set(await listed("person_id=aide")) == {one, three}
    assert set(await listed("org_id=school-2")) == {two, three}
    assert await listed("owner_id=second") == [three]
    assert await listed("ending_by=2026-10-20") == [two, one]
    assert await listed("ending_by=2026-10-19") == [two]
    assert await listed("ending_by=2026-10-20&person_id=aide") == [one]
    north.clock.set(datetime(2026, 10, 6, tzinfo=UTC))
    assert await listed("ending_by=2026-10-20") == [one]  # the other is over
    await end(north, one)
    assert await listed("state=open&ending_by=2026-10-20") == []
    assert await north.status("peer", f"{GRANTS}?person_id=aide") == 404
    assert await north.status("peer", f"{GRANTS}/{one}") == 404


async def test_a_change_for_a_version_that_never_was_is_checked_and_not_made() -> None:
    """By which the command line tries what it would do."""
    north = await staffed()
    grant = await given(north)
    never = {"If-Match": '"0"'}
    for action, wrong in (("change", {"org_ids": ["nowhere"]}), ("end", {"reason": ""})):
        path, body = f"{GRANTS}/{grant}/{action}", dict[str, Any](WHY)
        body |= {"org_ids": ["school-2"]} if action == "change" else {}
        await north.ask("north/admin", "POST", path, {**body, **wrong}, headers=never, status=422)
        await north.ask("north/coach", "POST", path, body, headers=never, status=404)
        told = await north.ask("north/admin", "POST", path, body, headers=never, status=412)
        assert told.json()["code"] == "stale_version"
    told = await north.ask("north/admin", "GET", f"{GRANTS}/{grant}")
    assert (told.json()["version"], told.json()["org_ids"]) == (1, ["school-1"])
