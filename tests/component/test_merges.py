"""Two records of one person become one: what is hers follows her, in every service, and nobody sees
more than before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.access.merges import LAST_LOOK, SECOND_LOOK
from services.chassis.log.envelope import Envelope
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Projection
from services.chassis.views.rebuild import replacing
from tests.support.coaching import MEASURE, Coaching
from tests.support.goal_cards import all_records
from tests.support.journals import envelope_of
from tests.support.oracles import fold_state, live_rows, replay_log
from tests.support.platform import Platform
from tests.support.staff import Staffed
from tests.support.twice import MATCHES, NEW, OLD, TEACHES, Twice


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


async def test_what_is_hers_follows_her_in_every_service(twice: Twice) -> None:
    goal, kept = await twice.goal(), await twice.goal(NEW)
    observation = await twice.observation()
    north = twice.north
    await north.settle()
    await twice.merged()
    assert await twice.goals() == {goal, kept} == await twice.goals("coach")
    seen = await twice.get(NEW, f"/observations/v1/observations/{observation}")
    assert (seen["teacher_id"], seen["observer_id"]) == (NEW, "coach")
    (entry,) = await north.caseload()
    assert entry["teacher_id"] == NEW
    assert {each["goal_id"] for each in entry["open_goals"]} == {goal, kept}
    shown = await twice.timeline()
    assert {("goal", goal), ("goal", kept), ("observation", observation)} <= shown
    # she goes on with it as if it had always been hers
    await twice.post(NEW, f"/goals/v1/goals/{goal}/achieve")


async def test_read_again_from_the_first_event_the_views_say_the_same(twice: Twice) -> None:
    """By the log in its order, and by what a rebuild reads of journals: the newest of each."""
    north = twice.north
    goal = await twice.goal()
    await twice.observation()
    await north.settle()
    match = await twice.merged()
    await twice.post(NEW, f"/goals/v1/goals/{goal}/achieve")
    await twice.post("admin", f"{MATCHES}/{match}/separate")
    await north.settle()
    for service in ("insights", "goals"):
        views = north.services[service].backing.views
        for projector in north.services[service].projectors:
            projection = projector.projection
            if "duties" in projection.group:
                continue  # what becomes of to-dos is no event's
            expected = replay_log(projection, all_records(north.log, projection))
            rebuilt = fold_state(projection, await _newest(north, projection))
            for collection, rows in expected.items():
                generation = await views.generation(projection.group)
                assert await live_rows(views.scan(generation, collection)) == rows
                assert rebuilt[collection] == rows


async def _newest(north: Staffed, projection: Projection) -> list[tuple[Envelope, bytes]]:
    found = []
    for service in north.services.values():
        journal = service.backing.journal
        for entry in await journal.newest("", None, "", 10_000, replacing(projection)):
            for key in entry.event.keys:
                found.append((envelope_of(entry, key), entry.event.data))
    return found


async def test_the_record_that_is_given_up_is_nobody_any_more(twice: Twice) -> None:
    goal = await twice.goal()
    await twice.north.settle()
    match = await twice.merged()
    assert await twice.north.sees("coach", OLD) == set()
    assert await twice.north.status(OLD, f"/goals/v1/goals/{goal}") == 403
    told = await twice.get("admin", f"/roster/v1/people/{OLD}")
    assert (told["status"], told["merged_into_id"]) == ("removed", NEW)
    views = twice.north.services["insights"].backing.views
    assert isinstance(views, MemoryViews)
    rows = views.rows
    facts = rows["cards"]["north:old:2027"]["facts"]
    assert all(each.keys() == {"v", "at", "gone"} for of in facts.values() for each in of.values())
    assert rows["cards"]["north:old:2027"]["coaches"] == []
    assert (await twice.get("admin", f"{MATCHES}/{match}"))["state"] == "merged"
    async with twice.north.client("roster", "north/admin") as client:
        again = await client.post(MATCHES, json={"from_person_id": OLD, "into_person_id": "peer"})
        kept = await client.post(MATCHES, json={"from_person_id": "peer", "into_person_id": OLD})
    assert [each.json()["errors"][0]["code"] for each in (again, kept)] == ["unknown_person"] * 2


async def test_a_relationship_that_one_record_had_alone_is_the_others_with_what_she_shows(
    twice: Twice,
) -> None:
    north = twice.north
    made = await north.propose("other", "other", OLD)
    await north.answer(OLD, made.json()["relationship_id"], coach_sees=["goals"])
    await north.settle()
    await twice.merged()
    assert await north.sees("other", NEW) == {"goals", "insights"}
    path = f"/programs/v1/relationships?coach_id=other&teacher_id={NEW}"
    (one,) = (await twice.get(NEW, path))["relationships"]
    assert (one["state"], one["coach_sees"], one["proposed_by"]) == ("active", ["goals"], "other")
    old = await twice.get("admin", f"/programs/v1/relationships?teacher_id={OLD}")
    assert {each["state"] for each in old["relationships"]} == {"ended"}


async def test_a_coach_of_two_records_keeps_her_teachers_and_what_she_is_in_the_middle_of(
    twice: Twice,
) -> None:
    north = twice.north
    observation = await twice.observation("coach", NEW)
    await twice.post(
        "coach",
        f"/observations/v1/observations/{observation}/scores",
        {"scores": [{"criterion_id": "talk", "score": 2}]},
    )
    await north.settle()
    await twice.merged("coach", "other")
    assert {each["teacher_id"] for each in await north.caseload("other")} == {OLD, NEW}
    await twice.post("other", f"/observations/v1/observations/{observation}/complete")
    seen = await twice.get(NEW, f"/observations/v1/observations/{observation}")
    assert (seen["observer_id"], seen["handed_over"][0]["observer_id"]) == ("other", "coach")


async def test_a_grant_follows_who_has_it_and_whom_it_reaches(twice: Twice) -> None:
    north = twice.north
    asked = {"person_id": "aide", "role": "coach", "person_ids": [OLD], "reason": "The post"}
    made = await twice.post("admin", "/roster/v1/grants", asked)
    await north.settle()
    await north.coached("aide", OLD)
    await twice.merged()
    told = await twice.get("admin", f"/roster/v1/grants/{made['grant_id']}")
    assert told["person_ids"] == [NEW]
    assert await north.sees("aide", NEW) != set()
    await north.roster(old=TEACHES, helper=[("aide", "", "")])
    await twice.merged("aide", "helper")
    told = await twice.get("admin", f"/roster/v1/grants/{made['grant_id']}")
    assert told["person_id"] == "helper"
    assert await north.sees("helper", NEW) != set()
    assert await north.sees("aide", NEW) == set()


async def test_classes_and_surveys_follow_and_the_next_files_may_have_both_records() -> None:
    platform = Platform()
    north = Coaching(platform)
    await north.import_roster()
    await platform.settle()
    source, target = "teacher-0001", "teacher-0002"
    own = f"/roster/v1/classes?teacher_id={source}"
    classes = (await platform.ask(f"north/{source}", "GET", own)).json()["classes"]
    taught = {each["class_id"] for each in classes}
    measure = (await north.post("coach-01", "/surveys/v1/instruments", MEASURE))["instrument_id"]
    await north.post("coach-01", f"/surveys/v1/instruments/{measure}/publish")
    asked = {"instrument_id": measure, "teacher_id": source, "class_id": min(taught)}
    survey = (await north.post(source, "/surveys/v1/administrations", asked))["administration_id"]
    await north.post(source, f"/surveys/v1/administrations/{survey}/open", {})
    asked = {"from_person_id": source, "into_person_id": target}
    match = (await north.post("admin-01", MATCHES, asked))["match_id"]
    await north.post("admin-01", f"{MATCHES}/{match}/confirm")
    await platform.settle()

    async def holds() -> None:
        found = (await platform.ask(f"north/{target}", "GET", own.replace(source, target))).json()[
            "classes"
        ]
        assert taught <= {each["class_id"] for each in found}
        assert all(source not in each["teacher_ids"] for each in found)
        gone = (await platform.ask("north/admin-01", "GET", f"/roster/v1/people/{source}")).json()
        assert gone["status"] == "removed"

    await holds()
    told = await platform.ask(f"north/{target}", "GET", f"/surveys/v1/administrations/{survey}")
    assert (told.json()["teacher_id"], told.json()["state"]) == (target, "open")
    report = await north.import_roster()  # the same file, which has both
    await platform.settle()
    await holds()
    assert report["counts"]["people"]["changed"] == report["counts"]["classes"]["changed"] == 0
    await north.post(target, f"/surveys/v1/administrations/{survey}/close")


async def test_who_was_merged_by_mistake_has_her_own_again(twice: Twice) -> None:
    north = twice.north
    goal, others = await twice.goal(), await twice.goal(NEW)
    mine, theirs = await twice.observation(), await twice.observation("coach", NEW)
    observed = await twice.observation(OLD)
    await north.settle()
    match = await twice.merged()
    since = await twice.goal(NEW)
    await twice.post("admin", f"{MATCHES}/{match}/separate")
    await north.settle()
    await north.roster(old=TEACHES)
    assert await twice.goals() == {others, since}
    assert await twice.goals(OLD, OLD) == {goal}
    assert await north.sees("coach", OLD) == set()  # the two agree anew
    await north.coached("coach", OLD)
    assert await twice.goals("coach", OLD) == {goal}
    assert {("goal", goal), ("observation", mine)} <= await twice.timeline(OLD, OLD)
    assert ("observation", theirs) not in await twice.timeline(OLD, OLD)
    seen = await twice.get(OLD, f"/observations/v1/observations/{observed}")
    assert (seen["teacher_id"], seen["observer_id"]) == (OLD, OLD)
    # and once more, now that they are one person after all
    again = await twice.merged()
    assert again == match
    assert goal in await twice.goals()


async def test_a_merge_is_the_districts_and_of_what_is_there(twice: Twice) -> None:
    north = twice.north
    match = await twice.proposed()
    for who, status in (("coach", 404), (NEW, 404), ("leader", 404)):
        await north.ask(f"north/{who}", "POST", f"{MATCHES}/{match}/confirm", status=status)
    told = await twice.get("admin", f"{MATCHES}/{match}")
    assert told["both_active"] is True
    assert told["allowed"] == ["confirm_match", "dismiss_match"]
    listed = await twice.get("admin", f"{MATCHES}?state=proposed")
    assert [each["match_id"] for each in listed["matches"]] == [match]
    await twice.post("admin", f"{MATCHES}/{match}/dismiss")
    assert await twice.proposed(NEW, OLD) == match  # the other way round
    await north.roster()  # `old` is gone
    refused = await north.ask("north/admin", "POST", f"{MATCHES}/{match}/confirm", status=409)
    assert refused.json()["code"] == "unknown_person"
    assert await twice.proposed() == match  # one who has left may be given up
    assert (await twice.get("admin", f"{MATCHES}/{match}"))["both_active"] is False


@pytest.mark.parametrize("look", [SECOND_LOOK, LAST_LOOK])
async def test_what_is_begun_while_services_still_let_the_old_record_in_is_moved_later(
    twice: Twice, look: timedelta
) -> None:
    await twice.merged()
    if look is LAST_LOOK:
        await twice.later(SECOND_LOOK)
    late = await twice.late_goal()
    assert late not in await twice.goals()
    await twice.later(look)
    assert late in await twice.goals()


async def test_a_second_look_that_comes_late_is_not_the_last(twice: Twice) -> None:
    """What is in memory lets the old record in for ten minutes."""
    await twice.merged()
    await twice.later(timedelta(minutes=9))
    late = await twice.late_goal()
    await twice.later(LAST_LOOK)
    assert late in await twice.goals()
