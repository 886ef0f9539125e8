"""Relationships over the API: who arranges them, who answers, who sees them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from coaching.programs.v1 import relationship_pb2
from coaching.programs.v1.relationship_pb2_grpc import RelationshipsServiceStub
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.clocks import START
from tests.support.staff import Staffed, staffed

LIST = "/programs/v1/relationships"


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def stored(north: Staffed) -> list[str]:
    store = north.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    return [key for key, each in store._stored.items() if each.document.kind == "relationship"]


async def test_both_sides_and_the_district_list_what_two_people_have_and_nobody_else() -> None:
    north = await staffed()
    made = await north.coached()
    await north.coached("peer")
    for who in ("coach", "teacher", "admin"):
        found = await north.ask(f"north/{who}", "GET", f"{LIST}?coach_id=coach&teacher_id=teacher")
        assert [each["relationship_id"] for each in found.json()["relationships"]] == [made]
    for who in ("other", "leader", "peer"):
        for query in ("coach_id=coach&teacher_id=teacher", "teacher_id=teacher", "coach_id=coach"):
            assert await north.status(who, f"{LIST}?{query}") == 404


async def test_without_filters_the_callers_own_are_listed_as_a_coach_and_as_a_teacher() -> None:
    north = await staffed()
    proposed = (await north.propose("coach", "coach", "peer")).json()["relationship_id"]
    coached = []
    for day, year in enumerate((2027, 2028), 1):
        north.clock.set(START + timedelta(days=day))
        coached.append(await north.coached("peer", year=year))
    await north.coached("other", "teacher")
    expected = [*reversed(coached), proposed]

    async def listed(size: int) -> list[str]:
        ids, token = list[str](), ""
        while True:
            query = f"{LIST}?page_size={size}&page_token={token}"
            page = (await north.ask("north/peer", "GET", query)).json()
            ids += [each["relationship_id"] for each in page["relationships"]]
            token = page["next_page_token"]
            if not token:
                return ids

    for size in (0, 1, 2, 3, 4):
        assert await listed(size) == expected
    assert len((await north.ask("north/peer", "GET", LIST)).json()["relationships"]) == 3
    server = north.services["programs"].grpc
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = RelationshipsServiceStub(channel)
            asked = relationship_pb2.ListRelationshipsRequest()
            peer = (("authorization", "Bearer north/peer"),)
            told = await stub.ListRelationships(asked, metadata=peer)
    finally:
        await server.stop()
    assert [each.relationship_id for each in told.relationships] == expected


async def test_every_list_begins_with_what_was_proposed_last() -> None:
    north = await staffed()
    made = []
    for day, (coach, year) in enumerate(
        (("coach", 2027), ("peer", 2027), ("coach", 2028), ("other", 2027)), 1
    ):
        north.clock.set(START + timedelta(days=day))
        made.append((coach, await north.coached(coach, year=year)))
    newest = [id_ for _, id_ in reversed(made)]
    of_coach = [id_ for coach, id_ in reversed(made) if coach == "coach"]
    for who, query, expected in (
        ("teacher", "", newest),
        ("teacher", "?teacher_id=me", newest),
        ("admin", "", newest),
        ("coach", "", of_coach),
        ("coach", "?coach_id=me", of_coach),
        ("coach", "?coach_id=coach&teacher_id=teacher", of_coach),
        ("teacher", "?school_year=2027&state=active", [i for i in newest if i != made[2][1]]),
    ):
        found = (await north.ask(f"north/{who}", "GET", f"{LIST}{query}")).json()["relationships"]
        assert [each["relationship_id"] for each in found] == expected, (who, query)


async def test_two_people_have_one_relationship_a_year_however_often_they_propose() -> None:
    north = await staffed()
    first = await north.coached()
    for by in ("coach", "teacher", "admin"):
        again = await north.propose(by)
        assert (again.status_code, again.json()["relationship_id"]) == (201, first)
        assert (again.json()["state"], again.json()["version"]) == ("active", 2)
    assert (await north.answer("teacher", first)).json()["version"] == 2
    assert stored(north) == [first]
    assert (await north.answer("teacher", first, "end")).status_code == 200
    await north.settle()
    assert await north.sees("coach") == set()
    next_year = await north.propose("coach", school_year=2028)
    assert next_year.json()["relationship_id"] != first


async def test_two_clicks_at_once_make_one_relationship() -> None:
    north = await staffed()
    made = await asyncio.gather(*(north.propose("coach") for _ in range(10)))
    assert {each.status_code for each in made} == {201}
    assert len({each.json()["relationship_id"] for each in made}) == len(stored(north)) == 1


async def test_what_is_over_is_proposed_again_in_the_same_relationship() -> None:
    north = await staffed()
    made = await north.coached()
    await north.answer("teacher", made, "end")
    again = (await north.propose("teacher")).json()
    assert (again["relationship_id"], again["state"]) == (made, "proposed")
    assert (again["version"], again["accepted_at"]) == (4, None)
    (before,) = again["earlier_rounds"]
    assert (before["state"], before["proposed_by"]) == ("ended", "coach")
    await north.settle()
    assert await north.sees("coach") == set()
    assert code(await north.answer("teacher", made)) == (409, "not_yours_to_answer")
    assert (await north.answer("coach", made)).status_code == 200
    await north.settle()
    assert await north.sees("coach") == {"goals", "surveys", "observations", "insights"}


async def test_a_repeated_request_is_answered_as_the_first_time() -> None:
    north = await staffed()
    body = {"coach_id": "coach", "teacher_id": "teacher"}
    keyed = {"Idempotency-Key": "k1"}
    first = (await north.ask("north/coach", "POST", LIST, body, headers=keyed)).json()
    await north.answer("teacher", first["relationship_id"])
    await north.answer("teacher", first["relationship_id"], "end")
    late = await north.ask("north/coach", "POST", LIST, body, headers=keyed)
    assert (late.json()["state"], late.json()["version"]) == ("ended", 3)
    assert late.headers["idempotency-replayed"] == "true"
    another = {"Idempotency-Key": "k2"}
    for _ in range(2):
        again = await north.ask("north/coach", "POST", LIST, body, headers=another)
        assert (again.json()["state"], again.json()["version"]) == ("proposed", 4)


async def test_a_proposal_is_for_this_school_year_or_the_next() -> None:
    north = await staffed()
    for year in (2015, 2026, 2029):
        refused = await north.propose("coach", school_year=year)
        assert code(refused) == (422, "not_this_or_next_year")
        assert refused.json()["errors"][0]["pointer"] == "/school_year"
    assert stored(north) == []


async def test_only_who_holds_such_a_role_is_proposed_as_a_coach() -> None:
    north = await staffed()
    for coach, expected in (
        ("nobody", "unknown_coach"),
        ("leader", "not_a_coach"),
        ("admin", "not_a_coach"),
        ("aide", "not_a_coach"),
    ):
        for by in {"teacher", "admin", coach} - {"nobody"}:
            refused = await north.propose(by, coach)
            assert code(refused) == (422, expected)
            assert refused.json()["errors"][0]["pointer"] == "/coach_id"
    assert stored(north) == []


async def test_who_may_not_coach_learns_nothing_of_who_teaches() -> None:
    north = await staffed()
    for by in ("leader", "aide"):
        for teacher in ("teacher", "coach", "nobody"):
            assert code(await north.propose(by, by, teacher)) == (422, "not_a_coach")


async def test_whoever_does_not_teach_is_as_unknown_as_nobody() -> None:
    north = await staffed(former=[("teacher", "", "2026-10-04")])
    answers = [
        (await north.propose(by, "coach", teacher)).json()
        for by in ("coach", "admin")
        for teacher in ("nobody", "leader", "former")
    ]
    assert {(each["code"], each["detail"]) for each in answers} == {
        ("unknown_teacher", "There is no such active teacher.")
    }


async def test_a_peer_coaches_without_a_coaching_role() -> None:
    north = await staffed()
    await north.coached("peer")
    assert await north.sees("peer") == {"goals", "surveys", "observations", "insights"}


async def test_a_coach_sees_of_the_work_what_the_teacher_says() -> None:
    north = await staffed()
    made = (await north.propose("coach")).json()["relationship_id"]
    narrow = await north.answer("teacher", made, coach_sees=["surveys", "goals"])
    assert narrow.json()["coach_sees"] == ["goals", "surveys"]
    await north.settle()
    assert await north.sees("coach") == {"goals", "surveys", "insights"}
    assert await north.sees("teacher") == {"goals", "surveys", "observations", "insights"}
    wide = await north.answer("teacher", made, coach_sees=["observations"])
    assert (wide.json()["version"], wide.json()["coach_sees"]) == (3, ["observations"])
    await north.settle()
    assert await north.sees("coach") == {"observations", "insights"}
    refused = await north.answer("teacher", made, coach_sees=["diaries"])
    assert refused.json()["errors"][0]["pointer"] == "/coach_sees/0"


async def test_an_end_counts_everywhere_as_soon_as_it_has_arrived() -> None:
    north = await staffed()
    made = await north.coached()
    goal = {"teacher_id": "teacher", "statement": "S", "focus_skill": "f", "measure_id": "m",
            "unit": "percent", "target": 60}  # fmt: skip
    drafted = (await north.ask("north/coach", "POST", "/goals/v1/goals", goal)).json()
    await north.answer("teacher", made, "end")
    await north.settle()
    assert await north.sees("coach") == set()
    assert await north.status("coach", f"/goals/v1/goals/{drafted['goal_id']}") == 404
    await north.ask("north/coach", "POST", "/goals/v1/goals", goal, status=404)
    assert await north.status("teacher", f"/goals/v1/goals/{drafted['goal_id']}") == 200


async def test_a_relationship_opens_its_school_year_and_the_summer_after_it() -> None:
    north = await staffed()
    await north.coached()
    everything = {"goals", "surveys", "observations", "insights"}
    for day, expected in (
        (datetime(2027, 6, 30, 23, tzinfo=UTC), everything),
        (datetime(2027, 8, 31, 23, tzinfo=UTC), everything),
        (datetime(2027, 9, 1, tzinfo=UTC), set()),
        (datetime(2028, 10, 2, tzinfo=UTC), set()),
    ):
        north.clock._now = day
        assert await north.sees("coach") == expected, day


async def test_one_for_the_coming_year_opens_nothing_before() -> None:
    north = await staffed()
    await north.coached(year=2028)
    assert await north.sees("coach") == set()
    north.clock._now = datetime(2027, 7, 1, tzinfo=UTC)
    assert await north.sees("coach") == {"goals", "surveys", "observations", "insights"}


async def test_a_role_that_ends_closes_access_and_one_that_begins_opens_it() -> None:
    north = await staffed(coach=[("ext:coach", "", "2026-10-05")])
    await north.coached()
    assert len(await north.sees("coach")) == 4
    north.clock.forward(days=1)
    assert await north.sees("coach") == set()
    await north.roster(coach=[("ext:coach", "2026-10-01", "")])
    assert len(await north.sees("coach")) == 4
    await north.roster(coach=[("aide", "", "")])
    assert await north.sees("coach") == set()
    await north.roster(coach=[("ext:coach", "", "")], teacher=None)
    assert await north.sees("coach") == set()


async def test_a_proposal_whose_answer_was_lost_as_the_year_turned_is_not_made_twice() -> None:
    north = await staffed()
    body = {"coach_id": "coach", "teacher_id": "teacher"}
    north.clock.set(datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC))

    async def propose(key: str) -> Any:
        keyed = {"Idempotency-Key": key}
        return await north.ask("north/coach", "POST", LIST, body, headers=keyed)

    first = await propose("k1")
    north.clock.forward(seconds=2)
    again = await propose("k1")
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await propose("k2")
    assert (other.status_code, other.json()["school_year"]) == (201, 2028)
    assert len(stored(north)) == 2
