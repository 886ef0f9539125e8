"""No merge opens a teacher's work to who has power over her, or coaches her."""

from __future__ import annotations

import pytest

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
