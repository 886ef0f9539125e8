"""Another coach goes on from a day on: what the teacher has accepted waits for it, and on that day
the one ends and the other begins, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.access.districts import District, Districts
from services.chassis.log.envelope import open_envelope
from tests.component.programs.test_handing_over import OTHER, PATH, act, between
from tests.support.staff import Staffed, staffed
from tests.support.twice import MATCHES, TEACHES, Twice

HAWAII = "Pacific/Honolulu"  # ten hours behind
DAY = "2026-11-02"
BEGINS = datetime(2026, 11, 2, 10, tzinfo=UTC)  # there
PROPOSED = {**OTHER, "from_date": DAY}
YES: dict[str, Any] = {**PROPOSED, "coach_sees": ["goals"]}


async def district(**people: Any) -> Staffed:
    return await staffed(Districts({"north": District(time_zone=HAWAII)}), **people)


async def at(north: Staffed, instant: datetime) -> None:
    north.clock.set(instant)
    await north.settle()


async def agreed(north: Staffed) -> str:
    of = await north.coached()
    await act(north, "coach", of, body=PROPOSED)
    await act(north, "teacher", of, "accept", YES)
    return of


async def get(north: Staffed, of: str, who: str = "teacher") -> Any:
    return (await north.ask(f"north/{who}", "GET", f"{PATH}/{of}")).json()


async def stays(north: Staffed, of: str) -> None:
    """With the coach whom she has, on that day and later."""
    for instant in (BEGINS, BEGINS + timedelta(days=30)):
        await at(north, instant)
        found = await get(north, of)
        assert (found["state"], found["handover"]) == ("active", None)
    assert await north.sees("other") == set()
    assert "insights" in await north.sees("coach")


def told(north: Staffed, message: str) -> int:
    """How often an event was published."""
    return sum(
        open_envelope(record.headers, record.key).type.endswith(f".{message}")
        for record in north.log.all("coaching.programs.v1")
    )


async def test_until_its_day_the_old_one_goes_on_and_from_then_the_new_one() -> None:
    north = await district()
    of = await agreed(north)
    waits = await get(north, of, "coach")
    assert (waits["state"], waits["handover"]["from_date"]) == ("active", DAY)
    assert waits["handover"]["accepted_at"] == "2026-10-05T15:00:00Z"
    await at(north, BEGINS - timedelta(seconds=1))
    assert await get(north, of, "coach") == waits
    assert await north.sees("other") == set()
    assert [each["teacher_id"] for each in await north.caseload()] == ["teacher"]
    assert await north.caseload("other") == []
    await at(north, BEGINS)
    old = await get(north, of, "coach")
    assert (old["state"], old["ended_at"]) == ("ended", "2026-11-02T10:00:00Z")
    (new,) = await between(north, "other")
    assert (new["state"], new["accepted_at"], new["coach_sees"]) == (
        "active", "2026-11-02T10:00:00Z", ["goals"],
    )  # fmt: skip
    assert new["proposed_at"] == waits["handover"]["accepted_at"]
    assert (await north.sees("coach"), await north.sees("other")) == (set(), {"goals", "insights"})
    assert await north.caseload() == []
    assert [each["teacher_id"] for each in await north.caseload("other")] == ["teacher"]
    await at(north, BEGINS + timedelta(days=40))
    assert (await get(north, of, "coach"), await between(north, "other")) == (old, [new])
    assert told(north, "RelationshipEnded") == 1
    assert told(north, "RelationshipHandoverAccepted") == 1


async def test_accepted_on_its_day_or_later_it_is_at_once() -> None:
    north = await district()
    of = await north.coached()
    await act(north, "coach", of, body=PROPOSED)
    await at(north, BEGINS + timedelta(days=2))
    assert (await get(north, of))["state"] == "active"
    assert (await act(north, "teacher", of, "accept", YES))["state"] == "ended"
    assert await north.sees("other") == {"goals", "insights"}


@pytest.mark.parametrize(("who", "how"), [("teacher", "decline"), ("coach", "withdraw")])
async def test_until_then_either_may_think_better_of_it(who: str, how: str) -> None:
    north = await district()
    of = await agreed(north)
    await act(north, who, of, how)
    await stays(north, of)


async def test_until_then_she_may_say_anew_what_passes() -> None:
    north = await district()
    of = await agreed(north)
    again = await act(north, "teacher", of, "accept", YES)
    assert again["version"] == (await get(north, of))["version"]
    await act(north, "teacher", of, "accept", {**YES, "coach_sees": ["surveys"]})
    await at(north, BEGINS)
    assert await north.sees("other") == {"surveys", "insights"}


async def test_what_she_has_accepted_is_taken_back_before_another_is_proposed() -> None:
    north = await district(third=[("ext:coach", "", "")])
    of = await agreed(north)
    assert "hand_over_relationship" not in (await get(north, of, "coach"))["allowed"]
    refused = await act(north, "coach", of, body={"coach_id": "third"}, status=409)
    assert refused["code"] == "handover_accepted"


async def test_another_day_takes_the_place_of_the_one_before_and_she_accepts_what_she_read() -> (
    None
):
    north = await district()
    of = await north.coached()
    await act(north, "coach", of, body=PROPOSED)
    later = {**OTHER, "from_date": "2026-12-01"}
    assert (await act(north, "coach", of, body=later))["handover"]["from_date"] == "2026-12-01"
    for wrong in (YES, {**OTHER, "coach_sees": ["goals"]}):
        assert (await act(north, "teacher", of, "accept", wrong, 409))["code"] == "another_date"
    await act(north, "teacher", of, "accept", {**YES, **later})
    await at(north, BEGINS)
    assert (await get(north, of))["state"] == "active"
    await at(north, datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert (await get(north, of))["state"] == "ended"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-10-04", "begins_in_the_past"),
        ("2027-02-03", "from_date_too_far"),
        ("2027-07-01", "other_school_year"),
        ("2026-02-30", "invalid_request"),
        ("soon", "invalid_request"),
    ],
)
async def test_a_day_on_which_nobody_may_go_on_is_refused(day: str, code: str) -> None:
    north = await district()
    of = await north.coached()
    before = await get(north, of)
    refused = await act(north, "coach", of, body={**OTHER, "from_date": day}, status=422)
    said = [(each["pointer"], each.get("code", refused["code"])) for each in refused["errors"]]
    assert (refused["code"], said[0][0]) == (code, "/from_date")
    assert await get(north, of) == before


@pytest.mark.parametrize("day", ["2026-10-05", "2027-02-02"])
async def test_the_first_and_the_last_day_that_may_be_named(day: str) -> None:
    north = await district()
    of = await north.coached()
    await act(north, "coach", of, body={**OTHER, "from_date": day})


async def test_where_the_new_one_has_left_by_then_the_old_one_stays() -> None:
    north = await district()
    of = await agreed(north)
    await north.roster(other=None)
    await stays(north, of)
    assert told(north, "RelationshipHandoverDropped") == 1


async def test_where_the_two_have_said_something_else_by_then_the_old_one_stays() -> None:
    north = await district()
    of = await agreed(north)
    later = (await north.propose("other", "other")).json()["relationship_id"]
    await north.answer("teacher", later, "decline")
    await north.settle()
    await stays(north, of)


async def test_where_they_have_begun_themselves_the_old_one_ends_and_theirs_is_as_they_said() -> (
    None
):
    north = await district()
    of = await agreed(north)
    later = (await north.propose("other", "other")).json()["relationship_id"]
    await north.answer("teacher", later, "accept", coach_sees=["surveys"])
    await at(north, BEGINS)
    assert (await get(north, of))["state"] == "ended"
    assert await north.sees("other") == {"surveys", "insights"}


async def test_with_the_relationship_it_is_over() -> None:
    north = await district()
    of = await agreed(north)
    await north.answer("coach", of, "end")
    await at(north, BEGINS)
    found = await get(north, of)
    assert (found["state"], found["handover"]) == ("ended", None)
    assert await between(north, "other") == []


@pytest.mark.parametrize("whose", ["teacher", "other", "coach"])
async def test_who_is_another_record_by_then_goes_on_and_whose_coaching_it_is_says_it_anew(
    whose: str,
) -> None:
    twice = Twice()
    north = twice.north
    await north.roster(older=TEACHES if whose == "teacher" else [("ext:coach", "", "")])
    people = {each: each for each in ("coach", "teacher", "other")} | {whose: "older"}
    of = await north.coached(people["coach"], people["teacher"])
    place, to = f"{PATH}/{of}/hand-over", {"coach_id": people["other"], "from_date": DAY}
    await twice.post(people["coach"], place, to)
    await twice.post(people["teacher"], f"{place}/accept", {**to, "coach_sees": ["goals"]})
    match = await twice.proposed("older", whose)
    await twice.post("admin", f"{MATCHES}/{match}/confirm")
    await north.settle()
    await twice.later()
    (old,) = await between(north, "coach")
    waits = old["handover"] and old["handover"]["from_date"]
    assert (old["state"], waits) == ("active", DAY if whose == "other" else None)
    await at(north, BEGINS)
    (old,), new = await between(north, "coach"), await between(north, "other")
    begun = [(each["state"], each["coach_sees"]) for each in new]
    goes_on = ("ended", [("active", ["goals"])])
    assert (old["state"], begun) == (goes_on if whose == "other" else ("active", []))


async def test_where_the_new_one_turns_out_to_be_her_coach_nothing_ends() -> None:
    twice = Twice()
    north = twice.north
    await north.roster(older=[("ext:coach", "", "")])
    of = await north.coached()
    to = {"coach_id": "older", "from_date": DAY}
    await twice.post("coach", f"{PATH}/{of}/hand-over", to)
    await twice.post("teacher", f"{PATH}/{of}/hand-over/accept", {**to, "coach_sees": ["goals"]})
    await twice.merged("older", "coach")
    await twice.later()
    await stays(north, of)


async def test_of_who_is_erased_by_then_nothing_begins() -> None:
    north = await district()
    of = await agreed(north)
    await north.ask("north/admin", "POST", "/privacy/v1/erasures/teacher/order", {"reason": "Hers"})
    await at(north, BEGINS - timedelta(days=1))
    assert await north.status("admin", f"{PATH}/{of}") == 404
    await at(north, BEGINS)
    await at(north, BEGINS + timedelta(days=1))
    assert await between(north, "other", "admin") == []
    assert await north.sees("other") == set()


async def test_what_she_has_agreed_to_of_one_record_she_says_anew_where_both_coach_her() -> None:
    twice = Twice()
    north = twice.north
    await north.roster(older=[("ext:coach", "", "")])
    await north.coached()
    of = await north.coached("older")
    await twice.post("older", f"{PATH}/{of}/hand-over", PROPOSED)
    await twice.post("teacher", f"{PATH}/{of}/hand-over/accept", YES)
    await twice.merged("older", "coach")
    await twice.later()
    await at(north, BEGINS)
    (old,) = await between(north, "coach")
    assert (old["state"], old["handover"], await between(north, "other")) == ("active", None, [])


async def test_where_the_new_one_turns_out_to_be_the_teacher_nothing_ends() -> None:
    twice = Twice()
    north = twice.north
    await north.roster(older=[*TEACHES, ("ext:coach", "", "")])
    of = await north.coached()
    to = {"coach_id": "older", "from_date": DAY}
    await twice.post("coach", f"{PATH}/{of}/hand-over", to)
    await twice.post("teacher", f"{PATH}/{of}/hand-over/accept", {**to, "coach_sees": ["goals"]})
    await twice.merged("older", "teacher")
    await twice.later()
    await stays(north, of)


async def test_what_began_by_it_ends_with_its_year() -> None:
    north = await district()
    await agreed(north)
    await at(north, BEGINS)
    (new,) = await between(north, "other")
    assert new["state"] == "active"
    await at(north, datetime(2028, 1, 10, tzinfo=UTC))
    (new,) = await between(north, "other")
    assert new["state"] == "ended"
