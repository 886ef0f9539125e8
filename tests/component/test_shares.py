"""By a share a teacher lets named colleagues read something of hers, until an end, revocably."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.access.sharing import cases
from tests.support.sharing import PATHS, RECEIVED, SHARES, WEEK, Sharing
from tests.support.twice import GOAL, TEACHES

KINDS = pytest.mark.parametrize("kind", ["goal", "observation", "administration"])
LOOKS = "/privacy/v1/looks"


@pytest.fixture
async def north() -> Sharing:
    return await Sharing().begin()


@KINDS
async def test_whom_it_names_reads_it_and_nobody_else(north: Sharing, kind: str) -> None:
    assert await north.read(kind) == 404
    await north.share(kind, "peer", "leader")
    assert [await north.read(kind, who) for who in ("peer", "leader", "teacher", "coach")] == [
        200
    ] * 4
    for who in ("colleague", "other", "admin", "north/acme?other.scope", "south/peer"):
        assert await north.read(kind, who) in (403, 404), who
    answer = await north.ask("peer", "GET", f"{PATHS[kind]}/{north.made[kind]}")
    assert answer.json()["allowed"] == []


@KINDS
async def test_it_opens_nothing_but_that_one_thing(north: Sharing, kind: str) -> None:
    await north.share(kind)
    thing = f"{PATHS[kind]}/{north.made[kind]}"
    assert (await north.ask("peer", "GET", f"{PATHS[kind]}?teacher_id=teacher")).status_code == 404
    for path in ("/insights/v1/cards/teacher", "/insights/v1/timeline?teacher_id=teacher"):
        assert (await north.ask("peer", "GET", path)).status_code == 404
    changes = {
        "goal": ("achieve", "abandon"),
        "observation": ("acknowledge", "reopen"),
        "administration": ("close", "reopen", "cancel"),
    }
    for change in changes[kind]:
        assert (await north.ask("peer", "POST", f"{thing}/{change}")).status_code == 404
    if kind == "goal":
        for part in ("progress", "revisions"):
            assert (await north.ask("peer", "GET", f"{thing}/{part}")).status_code == 404


@KINDS
async def test_who_is_revoked_reads_nothing_from_then_on(north: Sharing, kind: str) -> None:
    """The rest of the platform has heard of nothing yet: nothing has moved."""
    share = await north.share(kind)
    assert await north.read(kind) == 200
    revoked = await north.revoke(kind, share)
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert await north.read(kind) == 404
    assert await north.received(kind) == []
    again = await north.revoke(kind, share)
    assert (again.status_code, again.json()["code"]) == (409, "share_over")


@KINDS
async def test_it_is_over_at_its_end_to_the_millisecond(north: Sharing, kind: str) -> None:
    share = await north.share(kind, expires_at=north.at(WEEK))
    clock, end = north.north.clock, north.north.clock.now() + WEEK
    clock.set(end - timedelta(milliseconds=1))
    assert await north.read(kind) == 200
    clock.set(end)
    assert await north.read(kind) == 404
    assert await north.received(kind) == []
    assert (await north.seen(kind, share))["state"] == "open"  # nothing has moved yet
    await north.north.settle()
    seen = await north.seen(kind, share)
    assert (seen["state"], seen["closed_at"]) == ("expired", north.at(timedelta()))
    assert seen["allowed"] == []


@KINDS
async def test_once_is_once_for_each(north: Sharing, kind: str) -> None:
    share = await north.share(kind, "peer", "leader", once=True)
    assert [await north.read(kind), await north.read(kind)] == [200, 404]
    assert [await north.read(kind, "leader"), await north.read(kind, "leader")] == [200, 404]
    read = {
        each["person_id"]: each["read_at"] for each in (await north.seen(kind, share))["audience"]
    }
    assert read == dict.fromkeys(("peer", "leader"), north.at(timedelta()))
    assert await north.received(kind) == []


async def test_what_lasts_is_read_first_and_who_sees_it_anyway_uses_nothing_up(
    north: Sharing,
) -> None:
    once = await north.share("goal", "peer", "coach", once=True)
    lasting = await north.share("goal", "peer")
    assert [await north.read("goal"), await north.read("goal"), await north.read("goal", "coach")]
    assert {each["read_at"] for each in (await north.seen("goal", once))["audience"]} == {None}
    await north.revoke("goal", lasting)
    assert [await north.read("goal"), await north.read("goal")] == [200, 404]


@KINDS
async def test_for_another_purpose_nothing_is_read_or_used_up(north: Sharing, kind: str) -> None:
    await north.share(kind, once=True)
    evaluating = "north/peer!evaluation"
    answer = await north.ask(evaluating, "GET", f"{PATHS[kind]}/{north.made[kind]}")
    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_refused")
    assert await north.read(kind) == 200
    body = north.body(kind, purpose="evaluation")
    refused = await north.ask("teacher", "POST", SHARES[kind], body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/purpose")


@KINDS
async def test_it_is_the_owners_to_make_see_and_revoke(north: Sharing, kind: str) -> None:
    share = await north.share(kind)
    for who in ("coach", "peer", "admin", "leader"):
        body = north.body(kind, "colleague")
        made = await north.ask(who, "POST", SHARES[kind], body)
        assert (made.status_code, made.json()["code"]) == (422, "not_hers_to_share"), who
        missing = await north.ask(who, "POST", SHARES[kind], {**body, f"{kind}_id": "none"})
        assert missing.json()["errors"] == made.json()["errors"]
        assert (await north.revoke(kind, share, who)).status_code == 404
        assert (await north.ask(who, "GET", f"{SHARES[kind]}/{share}")).status_code == 404
        assert (await north.ask(who, "GET", SHARES[kind])).json()[f"{kind}_shares"] == []
    hers = (
        await north.ask("teacher", "GET", f"{SHARES[kind]}?{kind}_id={north.made[kind]}")
    ).json()
    assert [each[f"{kind}_share_id"] for each in hers[f"{kind}_shares"]] == [share]
    assert hers[f"{kind}_shares"][0]["allowed"] == [f"revoke_{kind}_share"]
    other = (await north.ask("teacher", "GET", f"{SHARES[kind]}?{kind}_id=none")).json()
    assert other[f"{kind}_shares"] == []


@KINDS
async def test_one_of_the_audience_is_not_told_who_else_is(north: Sharing, kind: str) -> None:
    share = await north.share(kind, "peer", "colleague")
    (told,) = await north.received(kind)
    assert told == {
        f"{kind}_share_id": share,
        f"{kind}_id": north.made[kind],
        "teacher_id": "teacher",
        "teacher_name": "Given Teacher",
        "purpose": "peer_learning",
        "once": False,
        "expires_at": north.at(WEEK),
        **({} if kind == "observation" else {"community_meeting_id": None}),
    }
    assert await north.received(kind, "leader") == []
    asked = await north.ask("peer", "GET", f"{RECEIVED[kind]}?person_id=leader")
    assert asked.status_code == 422


@KINDS
async def test_that_it_is_read_is_a_look_with_the_share_named(north: Sharing, kind: str) -> None:
    share = await north.share(kind)
    await north.read(kind)
    await north.north.settle()
    looks = (await north.ask("teacher", "GET", f"{LOOKS}?viewer_id=peer")).json()["looks"]
    assert [(each["relation"], each["grant_id"], each["decision"]) for each in looks] == [
        ("shared_with", share, "allowed")
    ]


@KINDS
async def test_who_leaves_reads_nothing_and_neither_is_read(north: Sharing, kind: str) -> None:
    await north.share(kind, "peer", "colleague")
    await north.north.roster(peer=None, colleague=[("teacher", "", "")])
    assert (await north.read(kind), await north.read(kind, "colleague")) == (403, 200)
    await north.north.roster(teacher=None, colleague=[("teacher", "", "")])
    assert await north.read(kind, "colleague") == 404


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"expires_at": "2026-10-05T15:00:00Z"}, "expires_in_the_past", "/expires_at"),
        ({"expires_at": "2027-12-01T00:00:00Z"}, "expires_too_late", "/expires_at"),
        ({"audience": [{"person_id": "teacher"}]}, "reader_is_owner", "/audience/0/person_id"),
        ({"audience": [{"person_id": "nobody"}]}, "unknown_reader", "/audience/0/person_id"),
        ({"audience": [{"person_id": "peer"}] * 2}, "reader_repeated", "/audience/1/person_id"),
        ({"audience": []}, "audience_or_meeting", "/audience"),
        ({"audience": [{"person_id": f"p{n}"} for n in range(21)]}, "invalid_request", "/audience"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_what_is_wrong_is_named(
    north: Sharing, more: dict[str, object], code: str, pointer: str
) -> None:
    answer = await north.ask("teacher", "POST", SHARES["goal"], north.body("goal", **more))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, code)
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert (await north.ask("teacher", "GET", SHARES["goal"])).json()["goal_shares"] == []


async def test_what_is_not_hers_alone_yet_is_not_shared(north: Sharing) -> None:
    at = north.at(timedelta())
    planned = {"teacher_id": "teacher", "tool_id": "", "scheduled_for": at}
    known = (await north.ask("coach", "GET", "/observations/v1/tools")).json()["tools"]
    planned["tool_id"] = known[0]["tool_id"]
    made = await north.people.post("coach", PATHS["observation"], planned)
    body = north.body("observation", observation_id=made["observation_id"])
    answer = await north.ask("teacher", "POST", SHARES["observation"], body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_shared")


async def test_a_draft_that_was_withdrawn_is_read_by_nobody_whom_it_was_shared_with(
    north: Sharing,
) -> None:
    draft = {"teacher_id": "teacher", **GOAL, "measure_id": "talk"}
    made = (await north.people.post("coach", PATHS["goal"], draft))["goal_id"]
    north.made["goal"] = made
    await north.share("goal")
    assert await north.read("goal") == 200
    withdrawn = await north.ask("teacher", "POST", f"{PATHS['goal']}/{made}/withdraw")
    assert withdrawn.status_code == 200
    assert [await north.read("goal", who) for who in ("peer", "teacher")] == [404, 200]


async def test_one_that_lasts_long_is_noted_to_be_over_at_its_end(north: Sharing) -> None:
    """It is looked at now and then, until it is."""
    share = await north.share("goal", expires_at=north.at(3 * WEEK))
    await north.north.settle()
    states = []
    for _ in range(3):
        north.north.clock.forward(days=7)
        await north.north.settle()
        states.append((await north.seen("goal", share))["state"])
    assert states == ["open", "open", "expired"]


async def test_there_is_a_bound_of_those_that_are_open(
    north: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MOST_OPEN", 2)
    first = await north.share("goal")
    await north.share("goal")
    full = await north.ask("teacher", "POST", SHARES["goal"], north.body("goal"))
    assert (full.status_code, full.json()["code"]) == (409, "too_many_shares")
    await north.share("observation")
    await north.revoke("goal", first)
    assert await north.read("goal") == 200


async def test_the_same_key_makes_one_share_whatever_has_become_of_it(north: Sharing) -> None:
    body = north.body("goal")
    first = await north.ask("teacher", "POST", SHARES["goal"], body, key="k-1")
    north.north.clock.forward(days=30)
    again = await north.ask("teacher", "POST", SHARES["goal"], body, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["goal_share_id"] == again.json()["goal_share_id"]


@KINDS
async def test_what_its_owner_shared_who_has_left_is_not_listed(north: Sharing, kind: str) -> None:
    await north.share(kind)
    assert len(await north.received(kind)) == 1
    await north.north.roster(teacher=None, colleague=TEACHES)
    assert await north.read(kind) == 404
    assert await north.received(kind) == []


async def test_who_reads_by_it_is_told_what_stands_there_and_not_what_stood_before(
    north: Sharing,
) -> None:
    """A student's name that was taken out again, say."""
    thing = f"{PATHS['observation']}/{north.made['observation']}"
    seen = (await north.ask("teacher", "GET", thing)).json()
    score = f"{thing}/scores/{seen['scores'][0]['criterion_id']}"
    for note in ("Maya asked", "A student asked"):
        said = {"note": note, "reason": "She is named"}
        assert (await north.ask("coach", "PUT", score, said)).status_code == 200
    goal = f"{PATHS['goal']}/{north.made['goal']}"
    await north.people.post("teacher", f"{goal}/progress", {"value": 1, "note": "with Maya"})
    value = {"value": 2, "note": "", "reason": "She is named"}
    number = (await north.ask("teacher", "GET", goal)).json()["progress"][-1]["progress_number"]
    answer = await north.ask("teacher", "PUT", f"{goal}/progress/{number}", value)
    assert answer.status_code == 200, answer.text
    for kind in ("goal", "observation"):
        await north.share(kind)
    for who in ("teacher", "coach"):
        told = (await north.ask(who, "GET", thing)).json()
        assert [each["note"] for each in told["corrections"]][1:] == ["Maya asked"]
        assert (await north.ask(who, "GET", goal)).json()["progress"][-1]["earlier"]
    program = "north/acme?goals.read"
    for who, of in (("peer", "peer"), ("north/acme?observations.read", program)):
        told = await north.ask(who, "GET", thing)
        assert (told.json()["corrections"], told.json()["corrected_at"] is None) == ([], False)
        of_goal = await north.ask(of, "GET", goal)
        assert [each["earlier"] for each in of_goal.json()["progress"]] == [[]]
        assert of_goal.json()["earlier_revisions"] == []
        assert "Maya" not in told.text + of_goal.text
    (note,) = (await north.ask("peer", "GET", thing)).json()["notes"]
    assert note["text"] == "A student asked"
    listed = await north.ask(program, "GET", f"{goal}/progress")
    assert [each["earlier"] for each in listed.json()["progress"]] == [[]]
