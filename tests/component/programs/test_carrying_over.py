"""A district carries its relationships over to the next school year, in one command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc
import httpx2
import pytest

from coaching.programs.v1 import relationship_events_pb2, relationship_pb2
from coaching.programs.v1.relationship_pb2_grpc import RelationshipsServiceStub
from services.access.districts import District, Districts, Relationships
from services.chassis.crash_points import Crashed, crashing
from services.chassis.write.memory_documents import MemoryDocuments
from services.programs.relationship import carrying_over as use_case
from tests.support.staff import Staffed, staffed

LIST = "/programs/v1/relationships"
PATH = f"{LIST}/carry-over"
JUNE, JULY, AUGUST, SEPTEMBER = (datetime(2027, month, 1, tzinfo=UTC) for month in (6, 7, 8, 9))
EVERYTHING = {"goals", "surveys", "observations", "insights"}
OPEN = ("", "")
BOTH = [("principal", "", ""), ("ext:coach", "", "")]
KNOWING: dict[str, Any] = {"acknowledges": ["coach_leads"]}


def north_with(**more: Any) -> Districts:
    return Districts({"north": District(**more)})


ASKING = north_with(relationships=Relationships(carrying_over_needs_acceptance=True))


async def ask(
    north: Staffed, by: str = "north/admin", key: str = "", **more: Any
) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"from_school_year": 2027, "to_school_year": 2028, **more}
    async with north.client("programs", by) as client:
        return await client.post(PATH, json=body, headers=headers)


async def carry(north: Staffed, **more: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Teacher -> state of what is hers now, and teacher -> the reason why nothing is."""
    answer = await ask(north, **more)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["next_page_token"] == ""
    return (
        {each["teacher_id"]: each["state"] for each in said["carried_over"]},
        {each["teacher_id"]: each["reason"] for each in said["skipped"]},
    )


async def in_june(districts: Districts | None = None, **changed: Any) -> Staffed:
    """`coach` coaches `teacher`, and last school year's end is near."""
    north = await staffed(districts, **changed)
    await north.coached()
    north.clock._now = JUNE
    return north


async def of_next_year(north: Staffed) -> list[Any]:
    """By the teacher."""
    found = await north.ask("north/teacher", "GET", f"{LIST}?teacher_id=teacher")
    return [each for each in found.json()["relationships"] if each["school_year"] == 2028]


def kept(north: Staffed) -> dict[str, Any]:
    """What goals has stored, without what another run has otherwise."""
    store = north.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    return {
        key: (each.document.version, each.document.state) for key, each in store._stored.items()
    }


async def test_it_is_active_at_once_with_the_teachers_acceptance_and_says_who_did_it() -> None:
    north = await in_june()
    (before,) = (await north.ask("north/coach", "GET", LIST)).json()["relationships"]
    assert await carry(north) == ({"teacher": "active"}, {})
    (made,) = await of_next_year(north)
    assert (made["state"], made["carried_over_from"], made["version"]) == ("active", 2027, 1)
    assert (made["proposed_by"], made["proposed_at"]) == ("admin", "2027-06-01T00:00:00Z")
    assert made["accepted_at"] == before["accepted_at"]


async def test_the_caseload_of_the_coming_year_shows_it_from_july_and_after_the_summer() -> None:
    north = await in_june()
    await carry(north)
    await north.settle()
    for day, years in ((JUNE, [None]), (JULY, [None]), (SEPTEMBER, [None])):
        north.clock._now = day
        assert [each["from_school_year"] for each in await north.caseload()] == years
        assert await north.sees("coach") == EVERYTHING
    north.clock._now = JUNE
    assert await north.caseload(query="?school_year=2028") == []


async def test_an_acceptance_that_was_kept_is_no_contact_with_the_teacher() -> None:
    north = await in_june()
    await carry(north)
    await north.settle()
    north.clock._now = SEPTEMBER
    (entry,) = await north.caseload()
    assert entry["last_contact_at"] is None


async def test_where_the_district_says_so_the_teacher_is_asked_again() -> None:
    north = await in_june(ASKING)
    assert await carry(north) == ({"teacher": "proposed"}, {})
    (made,) = await of_next_year(north)
    assert (made["accepted_at"], made["carried_over_from"]) == (None, 2027)
    for who, status in (("coach", 409), ("admin", 404), ("teacher", 200)):
        assert (await north.answer(who, made["relationship_id"])).status_code == status
    await north.settle()
    north.clock._now = SEPTEMBER
    assert await north.sees("coach") == EVERYTHING


async def test_carried_over_twice_or_proposed_by_hand_before_nothing_changes() -> None:
    north = await in_june()
    await north.coached("peer")
    by_hand = (await north.propose("coach", school_year=2028)).json()
    said = (await ask(north)).json()
    assert [(each["coach_id"], each["reason"]) for each in said["skipped"]] == [
        ("coach", "already_there")
    ]
    assert [each["coach_id"] for each in said["carried_over"]] == ["peer"]
    before = kept(north)
    again = (await ask(north)).json()
    assert [each["reason"] for each in again["skipped"]] == ["already_there"] * 2
    assert (again["carried_over"], kept(north)) == ([], before)
    found = (await north.propose("teacher", school_year=2028)).json()
    assert {**found, "allowed": by_hand["allowed"]} == by_hand  # she may do other things with it


async def test_what_the_teacher_declined_or_ended_stays_over() -> None:
    north = await in_june()
    made = (await north.propose("coach", school_year=2028)).json()
    await north.answer("teacher", made["relationship_id"], "decline")
    assert await carry(north) == ({}, {"teacher": "already_over"})
    (found,) = await of_next_year(north)
    assert (found["state"], found["version"]) == ("declined", 2)


async def test_what_was_carried_over_is_ended_and_proposed_again_like_any_other() -> None:
    north = await in_june()
    await carry(north)
    (made,) = await of_next_year(north)
    assert (await north.answer("teacher", made["relationship_id"], "end")).status_code == 200
    again = (await north.propose("teacher", school_year=2028)).json()
    assert (again["relationship_id"], again["state"]) == (made["relationship_id"], "proposed")
    assert again["carried_over_from"] is None
    (before,) = again["earlier_rounds"]
    assert (before["state"], before["proposed_by"]) == ("ended", "admin")
    assert before["carried_over_from"] == 2027


async def test_what_is_not_active_is_not_carried_over() -> None:
    teachers = ("asked", "no", "over")
    staff: dict[str, Any] = {each: [("teacher", *OPEN)] for each in teachers}
    north = await in_june(**staff)
    north.clock._now = datetime(2027, 5, 1, tzinfo=UTC)
    for teacher in teachers:
        await north.propose("coach", teacher=teacher)
    for each in (await north.ask("north/coach", "GET", LIST)).json()["relationships"]:
        if each["teacher_id"] == "no":
            await north.answer("no", each["relationship_id"], "decline")
        if each["teacher_id"] == "over":
            await north.answer("over", each["relationship_id"])
            await north.answer("coach", each["relationship_id"], "end")
    north.clock._now = JUNE
    assert await carry(north) == ({"teacher": "active"}, dict.fromkeys(teachers, "not_active"))


ROSTERS: list[tuple[dict[str, Any], str]] = [
    ({"coach": None}, "unknown_coach"),
    ({"coach": [("aide", *OPEN)]}, "not_a_coach"),
    ({"coach": [("ext:coach", "", "2027-06-30")]}, "not_a_coach"),
    ({"coach": [("ext:coach", "2028-07-01", "")]}, "not_a_coach"),
    ({"coach": BOTH}, "administrators_may_not_coach"),
    ({"teacher": None}, "unknown_teacher"),
    ({"teacher": [("aide", *OPEN)]}, "unknown_teacher"),
    ({"teacher": [("teacher", "", "2027-06-30")]}, "unknown_teacher"),
    ({"coach": [("ext:coach", "", "2027-06-30"), ("ext:coach", "2027-08-15", "")]}, ""),
    ({"coach": [("teacher", "2028-06-30", "")]}, ""),
    ({"coach": [("principal", "", "2027-06-30"), ("ext:coach", *OPEN)]}, ""),
    ({"teacher": [("teacher", "2027-08-15", "2028-06-01")]}, ""),
]


async def test_whose_roles_of_the_coming_year_do_not_allow_it_is_skipped_with_the_reason() -> None:
    north = await in_june()
    for changed, reason in ROSTERS:
        await north.roster(**changed)
        said = await carry(north, validate_only=True)
        assert said == (({}, {"teacher": reason}) if reason else ({"teacher": "active"}, {}))
        if reason:
            assert await carry(north) == said


async def test_a_role_that_ended_before_today_is_none_in_the_year_that_has_begun() -> None:
    north = await in_june()
    await north.roster(coach=[("ext:coach", "", "2027-07-31")])
    north.clock._now = AUGUST
    assert await carry(north) == ({}, {"teacher": "not_a_coach"})


async def leading(known: bool, **more: Any) -> Staffed:
    """`leader` coaches `teacher`, who knew (or did not) that she leads."""
    north = await staffed(north_with(administrators_may_coach=True, **more), leader=BOTH)
    if not known:
        await north.roster(leader=[("ext:coach", "", "")])
    made = (await north.propose("leader", "leader")).json()["relationship_id"]
    await north.answer("teacher", made, **(KNOWING if known else {}))
    await north.roster(leader=BOTH)
    north.clock._now = JUNE
    return north


async def test_of_a_coach_who_leads_only_an_acceptance_that_knew_it_is_kept() -> None:
    north = await leading(known=True)
    assert await carry(north) == ({"teacher": "active"}, {})
    await north.settle()
    north.clock._now = SEPTEMBER
    assert await north.sees("leader") == EVERYTHING
    north = await leading(known=False)
    assert await carry(north) == ({}, {"teacher": "acknowledgment_needed"})


async def test_a_teacher_who_is_asked_again_says_again_that_she_knows() -> None:
    asking = Relationships(carrying_over_needs_acceptance=True)
    for known in (True, False):
        north = await leading(known, relationships=asking)
        assert await carry(north) == ({"teacher": "proposed"}, {})
        ((made, told),) = [
            (each["relationship_id"], each["acknowledged"]) for each in await of_next_year(north)
        ]
        assert told == []
        assert (await north.answer("teacher", made)).status_code == 422
        assert (await north.answer("teacher", made, **KNOWING)).status_code == 200


async def test_validating_only_says_the_same_and_changes_nothing() -> None:
    north = await in_june()
    await north.coached("peer")
    await north.propose("coach", school_year=2028)
    before = kept(north)
    would = (await ask(north, validate_only=True)).json()
    assert kept(north) == before
    done = (await ask(north)).json()
    assert (would.pop("validate_only"), done.pop("validate_only")) == (True, False)
    assert would == done
    assert kept(north).keys() - before.keys() == {
        each["relationship_id"] for each in done["carried_over"]
    }


async def test_only_the_districts_administrators_may() -> None:
    north = await in_june()
    before = kept(north)
    for who in ("teacher", "peer", "coach", "other", "leader", "aide"):
        refused = await ask(north, f"north/{who}")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    for who in ("north/nobody", "north/sis?roster.write", "south/admin"):
        assert (await ask(north, who)).status_code == 403
    assert (await ask(north, "")).status_code == 401
    assert kept(north) == before


@pytest.mark.parametrize(
    ("years", "code", "pointer"),
    [
        ((2027, 2029), "years_not_adjacent", "/to_school_year"),
        ((2028, 2027), "years_not_adjacent", "/to_school_year"),
        ((2027, 2027), "years_not_adjacent", "/to_school_year"),
        ((2025, 2026), "not_this_or_next_year", "/to_school_year"),
        ((2028, 2029), "not_this_or_next_year", "/to_school_year"),
        ((1999, 2000), "invalid_request", "/from_school_year"),
        ((2100, 2101), "invalid_request", "/to_school_year"),
        (("2027", 2028), "invalid_request", "/from_school_year"),
    ],
)
async def test_it_is_from_one_school_year_to_the_next_this_one_or_the_coming(
    years: tuple[Any, Any], code: str, pointer: str
) -> None:
    north = await in_june()
    before = kept(north)
    refused = await ask(north, from_school_year=years[0], to_school_year=years[1])
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert kept(north) == before


async def many(north: Staffed) -> Staffed:
    for coach in ("peer", "other"):
        await north.coached(coach)
    await north.coached("coach", "peer")
    north.clock._now = JUNE
    return north


async def test_it_goes_on_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_case, "MOST", 3)
    north = await many(await staffed())
    await north.coached("coach")
    first = (await ask(north)).json()
    assert (len(first["carried_over"]), len(first["skipped"])) == (3, 0)
    token = first["next_page_token"]
    rest = (await ask(north, page_token=token)).json()
    assert (len(rest["carried_over"]), rest["next_page_token"]) == (1, "")
    assert len((await north.ask("north/coach", "GET", LIST)).json()["relationships"]) == 4
    for more in ({"validate_only": True}, {"page_token": "x" * 1025}, {"page_token": "x"}):
        refused = await ask(north, **{"page_token": token, **more})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/page_token"


@pytest.mark.parametrize(("place", "stored"), [("W1", 1), ("W2", 2)])
async def test_a_process_that_dies_in_the_middle_and_a_repetition_come_to_the_same(
    place: str, stored: int
) -> None:
    whole, north, passed = await many(await staffed()), await many(await staffed()), 0
    before, _ = kept(north), await ask(whole)

    def hook(name: str) -> None:
        nonlocal passed
        passed += name == place
        if passed == 2:
            raise Crashed(name)

    with pytest.raises(Crashed), crashing(hook):
        await ask(north)
    assert len(kept(north)) == len(before) + stored
    again = (await ask(north)).json()
    assert (len(again["carried_over"]), len(again["skipped"])) == (3 - stored, stored)
    assert kept(north) == kept(whole)


async def test_a_repeated_request_is_answered_as_the_first_time() -> None:
    north = await many(await staffed())
    first = (await ask(north, key="k")).json()
    before = kept(north)
    assert (await ask(north, key="k")).json() == first
    assert kept(north) == before


async def test_what_cannot_be_read_takes_nothing_else_with_it() -> None:
    north = await many(await staffed())
    next_one = await north.coached("coach", "peer", year=2028)
    store = north.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    (last,) = (await north.ask("north/other", "GET", LIST)).json()["relationships"]
    for each in (next_one, last["relationship_id"]):
        stored = store._stored[each]
        stored.document = replace(stored.document, schema=99)
    for validate_only in (True, False):
        said = (await ask(north, validate_only=validate_only)).json()
        assert [each["coach_id"] for each in said["carried_over"]] == ["peer"]
        assert [each["reason"] for each in said["skipped"]] == ["needs_upgrade"]
        assert said["left_out"] == 1


async def test_over_grpc_too() -> None:
    north = await in_june()
    await north.propose("coach", teacher="peer")
    server = north.services["programs"].grpc
    port = await server.start()
    request = relationship_pb2.CarryOverRelationshipsRequest(
        from_school_year=2027, to_school_year=2028
    )
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = RelationshipsServiceStub(channel)

            async def send(who: str) -> Any:
                metadata = (("authorization", f"Bearer north/{who}"),)
                return await stub.CarryOverRelationships(request, metadata=metadata)

            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await send("coach")
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
            said = await send("admin")
            (made,) = said.carried_over
            assert made.state == relationship_events_pb2.RELATIONSHIP_STATE_ACTIVE
            assert [each.reason for each in said.skipped] == ["not_active"]
            request.to_school_year = 2030
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await send("admin")
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    finally:
        await server.stop()
    (found,) = await of_next_year(north)
    assert found["relationship_id"] == made.relationship_id
