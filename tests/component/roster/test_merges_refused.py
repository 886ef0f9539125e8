"""No merge opens a teacher's work to who has power over her, or coaches her."""

from __future__ import annotations

import pytest

from services.access.districts import District, Districts, SamePerson
from tests.support.staff import staffed

MATCHES = "/roster/v1/matches"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("teacher", "admin"),  # into herself
        ("admin", "teacher"),
        ("teacher", "leader"),
        ("leader", "teacher"),
        ("teacher", "coach"),
        ("peer", "other"),
    ],
)
async def test_who_has_power_is_not_merged(source: str, target: str) -> None:
    north = await staffed()
    body = {"from_person_id": source, "into_person_id": target}
    refused = await north.ask("north/admin", "POST", MATCHES, body, status=422)
    assert refused.json()["code"] == "unknown_person"


async def test_who_coaches_a_peer_is_not_merged_with_her() -> None:
    north = await staffed()
    await north.coached("peer")
    for source, target in (("teacher", "peer"), ("peer", "teacher")):
        body = {"from_person_id": source, "into_person_id": target}
        await north.ask("north/admin", "POST", MATCHES, body, status=422)


async def test_what_has_changed_since_it_was_proposed_is_seen_when_it_is_confirmed() -> None:
    north = await staffed()
    body = {"from_person_id": "teacher", "into_person_id": "peer"}
    made = (await north.ask("north/admin", "POST", MATCHES, body, status=201)).json()
    await north.roster(peer=[("teacher", "", ""), ("principal", "", "")])
    path = f"{MATCHES}/{made['match_id']}/confirm"
    await north.ask("north/admin", "POST", path, status=409)


@pytest.mark.parametrize("four_eyes", [False, True])
async def test_where_two_are_to_agree_who_proposes_does_not_confirm(four_eyes: bool) -> None:
    rules = District(same_person=SamePerson(four_eyes=four_eyes))
    office = [("districtAdministrator", "", "")]
    north = await staffed(Districts({"north": rules}), second=office)
    body = {"from_person_id": "teacher", "into_person_id": "peer"}
    made = (await north.ask("north/admin", "POST", MATCHES, body, status=201)).json()
    assert ("confirm_match" in made["allowed"]) is not four_eyes
    path = f"{MATCHES}/{made['match_id']}"
    if four_eyes:
        # saying it once more changes nothing of who has proposed it
        await north.ask("north/second", "POST", MATCHES, body, status=201)
        refused = await north.ask("north/admin", "POST", f"{path}/confirm", status=403)
        assert refused.json()["code"] == "proposer_confirms"
        told = (await north.ask("north/second", "GET", path)).json()
        assert "confirm_match" in told["allowed"]
    by = "second" if four_eyes else "admin"
    done = (await north.ask(f"north/{by}", "POST", f"{path}/confirm")).json()
    assert (done["state"], done["proposed_by"], done["decided_by"]) == ("merged", "admin", by)
