"""What becomes of community meetings, and of what is taken away from them, when a person is erased
or is in the roster twice, and when they have had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tests.component.programs.test_community_meetings import BEGUN, PATH, TAKEN
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_retention import DAYS, GONE, LAST, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

COACH = "coach-01"


async def plan(people: Coaching, by: str, members: list[str], *join: str) -> str:
    asked: dict[str, Any] = {"starts_at": BEGUN, "minutes": 480, "member_ids": members}
    asked["agenda"] = [{"title": "What we saw", "minutes": 30}]
    meeting = str((await people.post(by, PATH, asked))["community_meeting_id"])
    for each in join:
        await people.post(each, f"{PATH}/{meeting}/join", None)
    return meeting


async def take_away(people: Coaching, who: str, meeting: str) -> str:
    said = {"community_meeting_id": meeting, "text": f"{who} tries it"}
    return str((await people.post(who, TAKEN, said))["takeaway_id"])


async def test_she_goes_with_her_words_and_the_others_have_theirs() -> None:
    erased = await Erased().begin()
    both = [HER, BYSTANDER]
    asked = await plan(erased.people, COACH, both, *both)
    hers = await plan(erased.people, HER, both, BYSTANDER)
    gone = [await take_away(erased.people, HER, each) for each in (asked, hers)]
    kept = [await take_away(erased.people, BYSTANDER, each) for each in (asked, hers)]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    # a relationship, two meetings and two takeaways
    assert (done["state"], counted["programs"]) == ("done", 5)
    for each in (asked, hers, *gone):
        await erased_for_good(erased, "programs", each)
    found = (await erased.get(BYSTANDER, PATH))["community_meetings"]
    assert HER not in str(found)
    said = {each["facilitator_id"]: [item["title"] for item in each["agenda"]] for each in found}
    assert said == {COACH: ["What we saw"], "": []}
    for each in found:
        listed = f"{TAKEN}?community_meeting_id={each['community_meeting_id']}"
        (left,) = (await erased.get(BYSTANDER, listed))["takeaways"]
        assert (left["author_id"], left["takeaway_id"] in kept) == (BYSTANDER, True)


async def test_who_is_another_record_now_is_asked_anew_and_her_words_are_hers() -> None:
    twice = await Twice().begin()
    meeting = await plan(twice.people, OLD, [OLD, "peer"], "peer")
    await take_away(twice.people, OLD, meeting)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def now() -> tuple[dict[str, bool], str, list[str]]:
        found = await twice.get("peer", f"{PATH}/{meeting}")
        listed = await twice.get("peer", f"{TAKEN}?community_meeting_id={meeting}")
        members = {each["teacher_id"]: each["joined"] for each in found["members"]}
        authors = [each["author_id"] for each in listed["takeaways"]]
        return members, found["facilitator_id"], authors

    assert await now() == ({"peer": True}, NEW, [NEW])  # who has not joined is told to nobody
    await twice.people.post(NEW, f"{PATH}/{meeting}/join", None)
    assert (await now())[0] == {"peer": True, NEW: True}
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await now() == ({"peer": True}, OLD, [OLD])


async def test_a_meeting_that_she_was_in_is_hers_where_both_records_were_asked_to_it() -> None:
    twice = await Twice().begin()
    meeting = await plan(twice.people, "coach", [OLD, NEW, "peer"], OLD, "peer")
    await twice.people.post("coach", f"{PATH}/{meeting}/hold", {})
    await take_away(twice.people, OLD, meeting)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    listed = f"{TAKEN}?community_meeting_id={meeting}"
    assert [each["author_id"] for each in (await twice.get(NEW, listed))["takeaways"]] == [NEW]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert [each["author_id"] for each in (await twice.get(OLD, listed))["takeaways"]] == [OLD]
    found = await twice.get("coach", f"{PATH}/{meeting}")
    assert {each["teacher_id"]: each["joined"] for each in found["members"]} == {
        OLD: True, NEW: False, "peer": True,
    }  # fmt: skip


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    meeting = await plan(keeping.people, HER, [HER, BYSTANDER])
    taken = await take_away(keeping.people, HER, meeting)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, community_meetings=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("community_meetings"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    told = await keeping.found("community_meetings")
    assert (told["years"], told["erased"]) == ([], 1)
    for each in (meeting, taken):
        await erased_for_good(keeping, "programs", each)
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("community_meetings"))["erased"] == 0


async def test_what_another_takes_away_while_she_is_erased_is_kept() -> None:
    """It is acknowledged after the others' were moved, and before the meeting is no more."""
    erased = await Erased().begin()
    meeting = await plan(erased.people, COACH, [HER, BYSTANDER], HER, BYSTANDER)
    await take_away(erased.people, HER, meeting)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    store: Any = erased.platform.services["programs"].backing.store
    leaving, written = store.leaving, list[str]()

    async def between(district: str, kind: str, id: str) -> Any:
        if id == meeting and not written:
            written.append(await take_away(erased.people, BYSTANDER, meeting))
        return await leaving(district, kind, id)

    with patch.object(store, "leaving", between):
        await erased.carry_out()
    (other,) = (await erased.get(BYSTANDER, PATH))["community_meetings"]
    listed = f"{TAKEN}?community_meeting_id={other['community_meeting_id']}"
    (left,) = (await erased.get(BYSTANDER, listed))["takeaways"]
    assert [left["takeaway_id"]] == written
