"""Where a district says so, a record that comes under another id with the same staff number is
merged unasked; and never what an administrator would be refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.directory import CachedDirectory
from services.access.districts import District, Districts, PersonIdentifier, SamePerson
from tests.support.staff import Held, Staffed

MATCHES = "/roster/v1/matches"
TEACHES: Held = [("teacher", "", "")]
NUMBER = (PersonIdentifier.STAFF_NUMBER,)


async def north(*merge_by: PersonIdentifier) -> Staffed:
    rules = District(same_person=SamePerson(merge_by=merge_by))
    made = Staffed(Districts({"north": rules}))
    made.called = {"renamed": "Teacher"}
    await made.roster({"teacher": "s-2001"})
    return made


async def match_of(there: Staffed) -> dict[str, Any]:
    found = (await there.ask("north/admin", "GET", MATCHES)).json()["matches"]
    assert len(found) == 1
    return dict(found[0])


async def test_her_work_follows_her_to_her_new_id() -> None:
    there = await north(*NUMBER)
    await there.coached()
    await there.roster({"renamed": "s-2001"}, teacher=None, renamed=TEACHES)
    match = await match_of(there)
    assert (match["from_person_id"], match["into_person_id"]) == ("teacher", "renamed")
    assert (match["state"], match["reason"]) == ("merged", "staff_number")
    assert (match["proposed_by"], match["decided_by"]) == (None, None)
    (entry,) = await there.caseload()
    assert entry["teacher_id"] == "renamed"


@pytest.mark.parametrize("gone", [True, False])
async def test_a_number_that_is_given_again_or_mistyped_hands_nobody_her_work(gone: bool) -> None:
    there = await north(*NUMBER)
    there.called = {"renamed": "Somebody"}
    teacher = None if gone else TEACHES
    told = {"teacher": "s-2001", "renamed": "s-2001"}
    await there.roster(told, teacher=teacher, renamed=TEACHES)
    assert (await match_of(there))["state"] == "proposed"
    there.called = {"renamed": "TEACHER"}
    await there.roster(told, teacher=teacher, renamed=TEACHES)
    assert (await match_of(there))["state"] == "proposed"  # somebody is asked once


async def test_without_the_setting_somebody_decides() -> None:
    there = await north()
    await there.roster({"renamed": "s-2001"}, teacher=None, renamed=TEACHES)
    match = await match_of(there)
    assert match["state"] == "proposed"
    await there.ask("north/admin", "POST", f"{MATCHES}/{match['match_id']}/confirm")


@pytest.mark.parametrize("role", ["principal", "districtAdministrator", "ext:coach"])
async def test_what_an_administrator_is_refused_is_not_merged(role: str) -> None:
    there = await north(*NUMBER)
    told = {"teacher": "s-2001", "renamed": "s-2001"}
    await there.roster(told, renamed=[(role, "", "")])
    assert (await match_of(there))["state"] == "proposed"


async def test_one_that_somebody_proposed_waits_for_somebody() -> None:
    there = await north(*NUMBER)
    body = {"from_person_id": "teacher", "into_person_id": "peer"}
    await there.ask("north/admin", "POST", MATCHES, body, status=201)
    await there.settle()
    await there.roster({"teacher": "s-2001", "peer": "s-2001"})
    assert (await match_of(there))["state"] == "proposed"


async def test_it_waits_until_it_is_known_who_has_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that has just been imported with a leading role looks like nobody's until then."""
    there = await north(*NUMBER)
    known = False

    async def knows(*_: object) -> bool:
        return known

    monkeypatch.setattr(CachedDirectory, "knows", knows)
    await there.roster({"renamed": "s-2001"}, teacher=None, renamed=TEACHES)
    assert (await match_of(there))["state"] == "proposed"
    known = True
    there.clock.forward(minutes=10)
    await there.settle()
    assert (await match_of(there))["state"] == "merged"
