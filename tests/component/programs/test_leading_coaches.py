"""Whoever leads or administers coaches where she holds a coaching role as well, her district
allows it, and the teacher accepted in the knowledge of it: all three."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.programs.v1 import relationship_pb2
from coaching.programs.v1.relationship_pb2_grpc import RelationshipsServiceStub
from services.access.districts import District, Districts, OwnRoles
from tests.support.staff import Staffed, staffed

BOTH = [("principal", "", ""), ("ext:coach", "", "")]
ALLOWED = Districts({"north": District(administrators_may_coach=True)})
EVERYTHING = {"goals", "surveys", "observations", "insights"}
KNOWING: dict[str, Any] = {"acknowledges": ["coach_leads"]}


async def leading(districts: Districts = ALLOWED) -> Staffed:
    return await staffed(districts, leader=BOTH)


async def accepted(north: Staffed) -> str:
    made = str((await north.propose("leader", "leader")).json()["relationship_id"])
    assert (await north.answer("teacher", made, **KNOWING)).status_code == 200
    await north.settle()
    return made


async def test_with_all_three_she_coaches() -> None:
    north = await leading()
    made = await accepted(north)
    assert await north.sees("leader") == EVERYTHING
    found = (await north.ask("north/teacher", "GET", f"/programs/v1/relationships/{made}")).json()
    assert (found["coach_leads"], found["acknowledged"]) == (True, ["coach_leads"])


async def test_she_needs_a_coaching_role_as_well() -> None:
    north = await leading()
    await accepted(north)
    await north.roster(leader=[("principal", "", ""), ("teacher", "", "")])
    assert await north.sees("leader") == set()
    refused = await north.propose("admin", "leader", "peer")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_coach")


async def test_her_district_has_to_allow_it() -> None:
    north = await leading(Districts())
    refused = await north.propose("leader", "leader")
    assert (refused.status_code, refused.json()["code"]) == (422, "administrators_may_not_coach")


async def test_the_teacher_has_to_accept_in_the_knowledge_of_it() -> None:
    north = await leading()
    proposal = (await north.propose("leader", "leader")).json()
    assert proposal["coach_leads"] is True
    made = proposal["relationship_id"]
    refused = await north.answer("teacher", made)
    assert (refused.status_code, refused.json()["code"]) == (422, "acknowledgment_needed")
    assert refused.json()["errors"][0]["pointer"] == "/acknowledges"
    await north.settle()
    assert await north.sees("leader") == set()


async def test_a_coach_who_comes_to_lead_is_accepted_anew_or_is_out() -> None:
    north = await staffed(ALLOWED)
    made = await north.coached()
    await north.roster(coach=BOTH)
    assert await north.sees("coach") == set()
    assert (await north.answer("teacher", made)).status_code == 422
    assert (await north.answer("teacher", made, **KNOWING)).status_code == 200
    await north.settle()
    assert await north.sees("coach") == EVERYTHING


async def test_a_teacher_who_asks_a_leading_coach_says_so_with_her_proposal() -> None:
    north = await leading()
    untold = (await north.propose("teacher", "leader")).json()["relationship_id"]
    refused = await north.answer("leader", untold, **KNOWING)
    assert (refused.status_code, refused.json()["code"]) == (409, "acknowledgment_needed")
    await north.answer("teacher", untold, "end")
    told = (await north.propose("teacher", "leader", **KNOWING)).json()["relationship_id"]
    assert (await north.answer("leader", told)).status_code == 200
    await north.settle()
    assert await north.sees("leader") == EVERYTHING


async def test_a_coach_whose_role_has_ended_cannot_be_accepted() -> None:
    north = await staffed()
    made = (await north.propose("coach")).json()["relationship_id"]
    await north.roster(coach=[("aide", "", "")])
    refused = await north.answer("teacher", made)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_coach")


OWN = [("ext:assistantPrincipal", "", ""), ("ext:coach", "", "")]


@pytest.mark.parametrize("more", [[], [("teacher", "", "")]])
async def test_a_coach_with_a_role_that_nobody_has_explained_may_lead(more: list[Any]) -> None:
    north = await staffed(leader=[*OWN, *more])
    proposal = (await north.propose("leader", "leader")).json()
    assert proposal["coach_leads"] is True
    refused = await north.answer("teacher", proposal["relationship_id"])
    assert (refused.status_code, refused.json()["code"]) == (422, "acknowledgment_needed")
    await accepted(north)
    assert await north.sees("leader") == EVERYTHING
    assert len(await north.caseload("leader")) == 1


async def test_a_coach_who_gets_such_a_role_sees_nothing_until_accepted_anew() -> None:
    north = await staffed()
    made = await north.coached()
    await north.roster(coach=OWN)
    assert await north.sees("coach") == set()
    assert await north.caseload() == []
    assert (await north.answer("teacher", made, **KNOWING)).status_code == 200
    await north.settle()
    assert await north.sees("coach") == EVERYTHING
    assert len(await north.caseload()) == 1


async def test_whoever_leads_by_the_districts_word_needs_its_leave() -> None:
    named = District(roles=OwnRoles(leading=("ext:assistantprincipal",)))
    north = await staffed(Districts({"north": named}), leader=OWN)
    refused = await north.propose("leader", "leader")
    assert (refused.status_code, refused.json()["code"]) == (422, "administrators_may_not_coach")


async def test_what_the_district_explains_as_neither_needs_no_word() -> None:
    named = District(roles=OwnRoles(other=("ext:assistantPrincipal",)))
    north = await staffed(Districts({"north": named}), leader=OWN)
    await north.coached("leader")
    assert await north.sees("leader") == EVERYTHING


async def test_a_mentor_coaches_where_the_district_calls_her_a_coach() -> None:
    mentor = [("ext:Mentor", "", "")]
    named = District(roles=OwnRoles(coaching=("ext:mentor",)))
    north = await staffed(Districts({"north": named}), leader=mentor)
    await north.coached("leader")
    assert await north.sees("leader") == EVERYTHING
    elsewhere = await staffed(leader=mentor)
    refused = await elsewhere.propose("admin", "leader")
    assert refused.json()["code"] == "unknown_coach"  # nor is she kept


async def test_what_can_be_acknowledged_is_known() -> None:
    north = await leading()
    made = (await north.propose("leader", "leader")).json()["relationship_id"]
    for wrong in (["nothing"], "coach_leads", [1], ["coach_leads"] * 11):
        refused = await north.answer("teacher", made, acknowledges=wrong)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith("/acknowledges")


async def test_over_grpc_too() -> None:
    north = await leading()
    server = north.services["programs"].grpc
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = RelationshipsServiceStub(channel)
            made = await stub.ProposeRelationship(
                relationship_pb2.ProposeRelationshipRequest(
                    coach_id="leader", teacher_id="teacher"
                ),
                metadata=(("authorization", "Bearer north/leader"),),
            )
            assert made.coach_leads
            request = relationship_pb2.AcceptRelationshipRequest(
                relationship_id=made.relationship_id
            )
            teacher = (("authorization", "Bearer north/teacher"),)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.AcceptRelationship(request, metadata=teacher)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            request.acknowledges.append(relationships.ACKNOWLEDGMENT_COACH_LEADS)
            done = await stub.AcceptRelationship(request, metadata=teacher)
            assert done.state == relationships.RELATIONSHIP_STATE_ACTIVE
            assert done.acknowledged == [relationships.ACKNOWLEDGMENT_COACH_LEADS]
    finally:
        await server.stop()
