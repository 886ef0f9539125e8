"""What coaches and raters were trained in: who records it, who sees it, and that nothing of it can
say how somebody did."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.component.programs.test_enrollments import opened
from tests.component.test_programs import ask, lead
from tests.support.staff import PEOPLE, Staffed, staffed

PATH = "/programs/v1/trainings"
RATES = {
    "person_id": "coach", "kind": "rating", "tool_id": "5f0c9a4e-0000-4000-8000-000000000041",
    "completed_on": "2026-08-20", "expires_on": "2027-08-20", "provider": "district",
}  # fmt: skip


def tool(number: int) -> str:
    return f"5f0c9a4e-0000-4000-8000-{number:012}"


TRAINS: dict[str, Any] = {"kind": "coaching", "tool_id": None, "topic": "feedback"}
READS: dict[str, Any] = {"kind": "reading_data", "tool_id": None, "topic": "student_surveys"}


@pytest.fixture
async def north() -> Staffed:
    """`far` coaches at another school."""
    return await staffed(far=[("ext:coach@school-2", "", "")])


async def record(north: Staffed, by: str = "admin", status: int = 201, **more: Any) -> Any:
    body = {key: value for key, value in {**RATES, **more}.items() if value is not None}
    answer = await ask(north, by, "POST", PATH, body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(north: Staffed, who: str, query: str = "") -> list[str]:
    answer = await ask(north, who, "GET", f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return [each["training_id"] for each in answer.json()["trainings"]]


def at(training: Any, act: str = "") -> str:
    return f"{PATH}/{training['training_id']}{act and '/'}{act}"


async def test_the_district_records_it_and_she_and_nobody_else_sees_it(north: Staffed) -> None:
    await lead(north)
    await north.coached()
    made = await record(north)
    assert (made["state"], made["person_name"], made["recorded_by"]) == (
        "current", "Given Coach", "admin",
    )  # fmt: skip
    for who, status in (
        ("coach", 200), ("admin", 200), ("teacher", 404), ("other", 404), ("leader", 404),
        ("aide", 404),
    ):  # fmt: skip
        assert await north.status(who, at(made)) == status, who
        assert await north.status(who, f"{PATH}?person_id=coach") == status, who
    assert await listed(north, "coach") == await listed(north, "admin") == [made["training_id"]]
    for who in ("teacher", "leader", "aide"):
        assert await listed(north, who) == [], who
    assert (await ask(north, "coach", "GET", at(made))).json()["allowed"] == ["contest_training"]
    for who in ("coach", "teacher", "leader", "aide"):
        await record(north, who, 404)


async def test_who_leads_a_program_records_for_whom_her_grant_reaches(north: Staffed) -> None:
    await lead(north)
    await lead(north, "peer")
    program, others = await opened(north), await opened(north, "peer")
    made = await record(north, "aide", program_id=program)
    await record(north, "aide", 404, program_id=others)
    await record(north, "aide", 404, program_id="no-such-program")
    await record(north, "aide", 404, program_id=program, person_id="far")
    await record(north, "aide", 404)
    elsewhere = await record(north, program_id=others)
    beyond = await record(north, program_id=program, person_id="far")
    for who, status in (("aide", 200), ("peer", 404), ("coach", 200), ("admin", 200)):
        assert await north.status(who, at(made)) == status, who
    assert await listed(north, "aide", f"program_id={program}") == [made["training_id"]]
    both = {beyond["training_id"], made["training_id"]}
    assert {*await listed(north, "admin", f"program_id={program}")} == both
    assert await north.status("peer", f"{PATH}?program_id={program}") == 404
    assert await north.status("aide", at(elsewhere)) == 404
    assert await north.status("aide", f"{PATH}?person_id=coach") == 404
    (one,) = await listed(north, "aide", f"person_id=coach&program_id={program}")
    assert one == made["training_id"]


async def test_nobody_records_or_puts_right_what_is_her_own() -> None:
    north = await staffed(admin=[*PEOPLE["admin"], ("ext:coach", "", "")], second=PEOPLE["admin"])
    assert (await record(north, "admin", 403, person_id="admin"))["code"] == "own_training"
    made = await record(north, "second", person_id="admin")
    told = (await ask(north, "admin", "GET", at(made))).json()
    assert told["allowed"] == ["contest_training"]
    refused = await ask(north, "admin", "POST", at(made, "void"), {"reason": "mistyped"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_who_recorded_it")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"completed_on": "2099-01-01"}, "completed_in_future", "/completed_on"),
        ({"completed_on": "2015-01-01"}, "completed_too_long_ago", "/completed_on"),
        ({"completed_on": "1880-01-01"}, "school_year_out_of_range", "/completed_on"),
        ({"completed_on": "2026-02-30"}, "", "/completed_on"),
        ({"expires_on": "2026-08-20"}, "ends_before_it_begins", "/expires_on"),
        ({"tool_id": None}, "tool_needed", "/tool_id"),
        ({"tool_id": "failed-low-score"}, "", "/tool_id"),
        ({"topic": "feedback"}, "topic_not_taken", "/topic"),
        ({**TRAINS, "topic": None}, "topic_needed", "/topic"),
        ({**TRAINS, "topic": "student_work"}, "topic_not_taken", "/topic"),
        ({**TRAINS, "topic": "She failed"}, "", "/topic"),
        ({**TRAINS, "tool_id": tool(41)}, "tool_not_taken", "/tool_id"),
        ({**READS, "topic": "facilitation"}, "topic_not_taken", "/topic"),
        ({"provider": "District, and she failed"}, "", "/provider"),
        ({"provider": None}, "", "/provider"),
        ({"kind": "supervised_session"}, "tool_not_taken", "/tool_id"),
        ({**TRAINS, "kind": "supervised_session"}, "topic_not_taken", "/topic"),
        ({"kind": "supervised_session", "tool_id": None}, "expiry_not_taken", "/expires_on"),
        ({"subject": "Failed, low score"}, "", ""),
        ({"kind": "passed"}, "", "/kind"),
        ({"person_id": "nobody"}, "unknown_person", "/person_id"),
        ({"person_id": "aide"}, "unknown_person", "/person_id"),
        ({"program_id": "no-such-program"}, "unknown_program", "/program_id"),
        ({"score": 4}, "", ""),
        ({"passed": True}, "", ""),
        ({"note": "She did well"}, "", ""),
    ],
    ids=str,
)
async def test_what_is_no_training_stores_nothing(
    north: Staffed, body: dict[str, Any], code: str, pointer: str
) -> None:
    refused = await record(north, status=422, **body)
    assert not code or refused["code"] == code
    assert pointer in [each["pointer"] for each in refused["errors"]]
    assert await listed(north, "admin") == []


async def test_that_somebody_sat_in_on_a_session_is_all_that_is_said(north: Staffed) -> None:
    made = await record(north, kind="supervised_session", tool_id=None, expires_on=None)
    assert (made["tool_id"], made["topic"], made["expires_on"], made["state"]) == (
        None, None, None, "current",
    )  # fmt: skip


async def test_who_coaches_or_reads_data_was_trained_in_a_topic(north: Staffed) -> None:
    for said in (TRAINS, READS):
        made = await record(north, **said)
        assert (made["topic"], made["tool_id"]) == (said["topic"], None)
    body = {"topic": "student_work", "reason": "mistyped"}
    done = (await ask(north, "admin", "POST", at(made, "correct"), body)).json()
    assert (done["topic"], done["corrections"][0]["topic"]) == ("student_work", "student_surveys")
    for wrong in ({"topic": "feedback"}, {"tool_id": tool(41)}):
        body = {**wrong, "reason": "mistyped"}
        refused = await ask(north, "admin", "POST", at(made, "correct"), body)
        assert refused.status_code == 422, wrong


async def test_where_it_stands_is_by_the_day_it_is_read(north: Staffed) -> None:
    made = await record(north, expires_on="2026-12-31")
    for_good = await record(north, expires_on=None)
    later = await record(north, expires_on="2027-01-01")
    noon = datetime(2026, 12, 31, 12, tzinfo=UTC)
    for days, state in ((-61, "current"), (-60, "expiring"), (0, "expiring"), (1, "expired")):
        north.clock.set(noon + timedelta(days=days))
        now = (await ask(north, "coach", "GET", at(made))).json()
        assert now["state"] == state, days
        soon = await listed(north, "coach", "expiring=true")
        assert soon == await listed(north, "admin", "expiring=true")
        assert (made["training_id"] in soon) is (state == "expiring"), days
        assert (later["training_id"] in soon) is (days >= -59), days
        assert for_good["training_id"] not in soon
        if days == 0:  # the one that ends first comes first
            assert soon == [made["training_id"], later["training_id"]]
    assert now["version"] == made["version"]  # nothing has happened to it


async def test_lists_by_kind_and_page_by_page(north: Staffed) -> None:
    made = []
    for said in (TRAINS, RATES, READS):
        made.append(await record(north, **said))
        north.clock.forward(minutes=1)
    newest_first = [each["training_id"] for each in reversed(made)]
    found = await listed(north, "coach", "kind=rating")
    assert found == [made[1]["training_id"]] == await listed(north, "admin", "kind=rating")
    told: list[str] = []
    token = ""
    for more in (True, True, False):
        query = f"{PATH}?page_size=1" + (f"&page_token={token}" if token else "")
        page = (await ask(north, "coach", "GET", query)).json()
        told += [each["training_id"] for each in page["trainings"]]
        token = page["next_page_token"]
        assert bool(token) is more
    assert told == newest_first


async def test_she_says_once_that_it_is_wrong_to_who_recorded_it_and_the_district(
    north: Staffed,
) -> None:
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    made = await record(north, "aide", program_id=program)
    note = {"note": "It was the other protocol"}
    for who in ("aide", "peer", "admin", "other"):
        assert (await ask(north, who, "POST", at(made, "contest"), note)).status_code == 404, who
    long = await ask(north, "coach", "POST", at(made, "contest"), {"note": "x" * 501})
    assert long.status_code == 422
    said = (await ask(north, "coach", "POST", at(made, "contest"), note)).json()
    assert (said["contest_note"], said["state"], said["allowed"]) == (note["note"], "current", [])
    twice = await ask(north, "coach", "POST", at(made, "contest"), note)
    assert (twice.status_code, twice.json()["code"]) == (409, "contested_already")
    for who, told in (("aide", True), ("admin", True), ("coach", True), ("peer", False)):
        shown = (await ask(north, who, "GET", at(made))).json()
        assert bool(shown["contest_note"]) is (shown["contested_at"] is not None) is told, who
        query = "person_id=me" if who == "coach" else f"program_id={program}"
        (one,) = (await ask(north, who, "GET", f"{PATH}?{query}")).json()["trainings"]
        assert bool(one["contest_note"]) is told, who
        assert shown["version"] == one["version"] == (2 if told else 1), who
        changes = {"correct_training", "void_training"}
        assert bool(changes & {*shown["allowed"]}) is (told and who != "coach"), who


async def test_who_recorded_it_or_the_district_puts_it_right(north: Staffed) -> None:
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    made = await record(north, "aide", program_id=program)
    right = {"completed_on": "2026-08-21", "remove_expires_on": True, "reason": "mistyped"}
    refused = await ask(north, "peer", "POST", at(made, "correct"), right)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_who_recorded_it")
    assert (await ask(north, "coach", "POST", at(made, "correct"), right)).status_code == 404
    done = (await ask(north, "aide", "POST", at(made, "correct"), right)).json()
    assert (done["completed_on"], done["expires_on"], done["version"]) == ("2026-08-21", None, 2)
    (was,) = (await ask(north, "coach", "GET", at(made))).json()["corrections"]
    assert (was["completed_on"], was["expires_on"], was["reason"], was["corrected_by"]) == (
        "2026-08-20", "2027-08-20", "mistyped", "aide",
    )  # fmt: skip
    same = (await ask(north, "aide", "POST", at(made, "correct"), right)).json()
    assert same["version"] == 2
    for body, code in (
        ({"completed_on": "2099-01-01", "reason": "mistyped"}, "completed_in_future"),
        ({"expires_on": "2026-08-21", "reason": "mistyped"}, "ends_before_it_begins"),
        ({"tool_id": tool(42), "reason": "She did badly"}, ""),
    ):
        refused = await ask(north, "admin", "POST", at(made, "correct"), body)
        assert refused.status_code == 422, body
        assert not code or refused.json()["code"] == code
    gone = await ask(north, "admin", "POST", at(made, "void"), {"reason": "another_person"})
    assert (gone.json()["state"], gone.json()["allowed"]) == ("voided", [])
    for who, act, sent in (
        ("aide", "void", {"reason": "mistyped"}), ("aide", "correct", right),
        ("coach", "contest", {"note": "Wrong"}),
    ):  # fmt: skip
        late = await ask(north, who, "POST", at(made, act), sent)
        assert (late.status_code, late.json()["code"]) == (409, "training_voided"), act
    assert await listed(north, "coach") == [made["training_id"]]  # she still sees it


async def test_two_who_put_it_right_at_once_do_not_undo_each_other(north: Staffed) -> None:
    made = await record(north)
    said = await asyncio.gather(
        *(
            ask(north, "admin", "POST", at(made, "correct"), {"reason": "mistyped", **each})
            for each in ({"tool_id": tool(42)}, {"provider": "regional_center"})
        )
    )
    assert [each.status_code for each in said] == [200, 200]
    now = (await ask(north, "coach", "GET", at(made))).json()
    assert (now["tool_id"], now["provider"], now["version"]) == (tool(42), "regional_center", 3)
    seen = {"tool_id": tool(43), "reason": "mistyped"}
    late = await ask(north, "admin", "POST", at(made, "correct"), seen, seen='"1"')
    assert late.status_code == 412


async def test_it_is_corrected_ten_times(north: Staffed) -> None:
    made = await record(north)
    for number in range(11):
        body = {"tool_id": tool(number), "reason": "mistyped"}
        answer = await ask(north, "admin", "POST", at(made, "correct"), body)
        assert answer.status_code == (200 if number < 10 else 429), answer.text
