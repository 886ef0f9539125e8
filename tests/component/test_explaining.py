"""Why somebody may, or may not: what `tandem access explain` says of one person and one teacher."""

from __future__ import annotations

from datetime import UTC, datetime

from services.access.access import Access
from services.access.days import Days
from services.access.directory import CachedDirectory
from services.access.districts import Districts
from services.access.explaining import Explained, explain
from services.assembly.access_rows import AccessRowsOf
from services.ctl.commands.access import in_words
from services.goals import bootstrap
from tests.component.test_retention import enacted
from tests.support.coaching import Coaching
from tests.support.policies import with_keys
from tests.support.staff import Staffed, staffed


async def explained(north: Staffed, who: str, whom: str = "teacher") -> dict[str, Explained]:
    service = north.services["goals"]
    directory = CachedDirectory(AccessRowsOf("goals", service.backing.rows), seconds=0)
    policies = bootstrap.policies()
    access = Access(policies, directory, north.clock, Days(Districts()))
    found = await explain(access, policies, "north", who, whom)
    assert {each.operation for each in found} == set(policies)
    return {each.operation: each for each in found}


async def why(north: Staffed, who: str, operation: str = "get_goal", whom: str = "teacher") -> str:
    found = (await explained(north, who, whom))[operation]
    assert not found.allowed
    return " / ".join(found.why)


async def test_the_teacher_and_her_coach_are_let_in_by_their_relation() -> None:
    north = await staffed()
    await north.coached()
    of_both = {name for name, policy in bootstrap.policies().items() if policy.coach}
    for who, asked in (("teacher", None), ("coach", of_both)):
        found = [each for each in (await explained(north, who)).values() if each.about == "goal"]
        of_hers = [each for each in found if asked is None or each.operation in asked]
        assert {each.relation for each in of_hers} == {who}


async def test_it_agrees_with_what_a_request_is_answered() -> None:
    north = await staffed()
    await north.coached()
    for who in ("teacher", "coach", "peer", "other", "leader", "admin"):
        answered = await north.status(who, "/goals/v1/goals?teacher_id=teacher")
        assert (await explained(north, who))["list_goals"].allowed == (answered == 200), who


async def test_a_grant_that_it_takes_is_named() -> None:
    north = await staffed()
    body = {"person_id": "aide", "role": "coach", "org_ids": ["school-1"], "reason": "A post"}
    given = await north.ask("north/admin", "POST", "/roster/v1/grants", body, status=201)
    await north.settle()
    await north.coached("aide")
    found = (await explained(north, "aide"))["get_goal"]
    assert (found.relation, found.grant) == ("coach", given.json()["grant_id"])


async def test_each_reason_why_a_coach_is_not_let_in_is_told_as_it_is() -> None:
    north = await staffed()
    assert "has accepted no relationship with coach" in await why(north, "coach")
    relationship = await north.coached()
    north.clock.set(datetime(2027, 9, 2, 12, tzinfo=UTC))
    assert "is of 2027, and today that of 2028 counts" in await why(north, "coach")
    north.clock.set(datetime(2026, 10, 1, 12, tzinfo=UTC))
    await north.answer("teacher", relationship, coach_sees=["surveys"])
    await north.settle()
    assert "does not show coach what is of the kind goal" in await why(north, "coach")
    await north.answer("teacher", relationship, coach_sees=["goals"])
    await north.roster(coach=[("aide", "", "")])
    assert "coach may not coach teacher today" in await why(north, "coach")
    await north.roster(coach=None)
    assert "coach is not in the roster" in await why(north, "coach")


async def test_whom_the_policy_does_not_mean_is_told_so() -> None:
    north = await staffed()
    assert "peer is not the teacher" in await why(north, "peer")
    assert "nobody is not in the roster" in await why(north, "nobody")
    unknown = await why(north, "coach", whom="nobody")
    assert "nobody is not in the roster" in unknown


async def test_a_relationship_that_was_not_accepted_as_one_that_leads_is_told() -> None:
    north = await staffed()
    await north.coached("peer")
    await north.roster(peer=[("teacher", "", ""), ("ext:something", "", "")])
    told = await why(north, "peer")
    assert "has not accepted that peer may also lead or administer" in told


async def test_a_circle_that_does_not_show_it_is_told() -> None:
    north = await staffed()
    assert "is in no active circle with peer, or peer may lead" in await why(north, "peer")
    asked = {"kind": "pair", "member_ids": ["teacher", "peer"], "shows": ["surveys"]}
    made = await north.ask("north/teacher", "POST", "/programs/v1/circles", asked)
    path = f"/programs/v1/circles/{made.json()['circle_id']}/join"
    await north.ask("north/peer", "POST", path)
    await north.settle()
    told = await why(north, "peer")
    assert "does not show what is of the kind goal in a circle with peer" in told
    await north.ask("north/teacher", "POST", path, {"shows": ["goals"]})
    await north.settle()
    assert (await explained(north, "peer"))["get_goal"].relation == "pair"


async def test_the_command_says_by_which_rule_she_is_let_in_and_what_is_shown_to_her() -> None:
    north = await staffed()
    relationship = await north.coached()
    await north.answer("teacher", relationship, coach_sees=["goals", "surveys"])
    await north.settle()
    found = await explained(north, "coach")
    told = in_words(found["get_goal"])
    assert told.startswith("yes, as coach (it lets in: ")
    assert all(rule in told for rule in ("coach", "teacher"))
    assert told.endswith("; the teacher shows: administration, goal)")
    assert "the teacher shows" not in in_words((await explained(north, "teacher"))["get_goal"])
    assert in_words((await explained(north, "peer"))["get_goal"]).startswith("no: ")


async def test_what_the_policy_closes_is_not_said_of_the_teacher() -> None:
    north = Staffed(with_keys("union"))
    await north.roster()
    await north.coached()
    await enacted(Coaching(north), north, "admin", 1, {"audiences": []})
    await north.settle()
    told = await why(north, "coach")
    assert "the data-use policy in force does not show work to coaches" in told
    assert "teacher does not show" not in told
    assert "does not let partners read this" in told
    peers = await why(north, "peer")
    assert "nor to who is of a circle with the teacher" in peers
    assert "in no active circle" not in peers
