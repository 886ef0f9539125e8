"""Who leads is no peer, and who does not is no administrator; both sides read what was said."""

from __future__ import annotations

from tests.component.programs.test_leading_coaches import KNOWING, leading


async def test_an_administrator_who_coaches_is_said_to_be_one_and_the_teacher_knows() -> None:
    north = await leading()
    refused = await north.propose("leader", "leader", coach_kind="peer")
    assert (refused.status_code, refused.json()["code"]) == (422, "leads_besides")
    assert refused.json()["errors"][0]["pointer"] == "/coach_kind"
    said = {"coach_kind": "administrator", "participation": "assigned"}
    made = (await north.propose("leader", "leader", **said)).json()
    unknowing = await north.answer("teacher", made["relationship_id"])
    assert unknowing.json()["code"] == "acknowledgment_needed"
    known = (await north.answer("teacher", made["relationship_id"], **KNOWING)).json()
    assert {name: known[name] for name in said} == said
    assert known["acknowledged"] == ["coach_leads"]


async def test_nobody_who_does_not_lead_is_called_an_administrator() -> None:
    north = await leading()
    refused = await north.propose("coach", coach_kind="administrator")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_administrator")
    made = (await north.propose("coach")).json()
    assert (made["coach_kind"], made["participation"]) == (None, None)
    await north.answer("teacher", made["relationship_id"])
    path = f"/programs/v1/relationships/{made['relationship_id']}/hand-over"
    body = {"coach_id": "other", "coach_kind": "administrator"}
    refused = await north.ask("north/coach", "POST", path, body, status=422)
    assert refused.json()["code"] == "not_an_administrator"
