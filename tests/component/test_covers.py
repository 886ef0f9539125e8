"""Covers: a substitute is one who teaches the class on her days, and sees nothing of the work of
the teacher who is away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from structlog.testing import capture_logs

from services.access.districts import District, Districts
from services.ctl.demo.district import Shape, build_district
from tests.support.operations import example_body
from tests.support.platform import Platform

COVERS = "/roster/v1/covers"
AWAY, SUBSTITUTE, ADMIN, COACH = "teacher-0001", "teacher-0002", "admin-01", "coach-01"
SYSTEM = "absences?covers.read+covers.write"
WHO = {"teacher_id": AWAY, "substitute_id": SUBSTITUTE, "reason_kind": "leave"}
FRIDAY = "2026-10-09"


class School(Platform):
    """`theirs`: a class of the one who is away."""

    async def begin(self) -> None:
        for district in ("north", "south"):
            zip_ = build_district(Shape("North", 1, 3, 2), 2027)
            await self.import_roster(f"{district}/sis?roster.write", zip_)
        await self.settle()
        found = await self.ask(f"north/{AWAY}", "GET", "/roster/v1/classes")
        self.classes = [each["class_id"] for each in found.json()["classes"]]
        self.titles = {each["class_id"]: each["title"] for each in found.json()["classes"]}
        self.theirs = self.classes[0]
        body = example_body(self, "draft_instrument", {})
        made = await self.ask(f"north/{COACH}", "POST", "/surveys/v1/instruments", body)
        self.instrument = made.json()["instrument_id"]
        path = f"/surveys/v1/instruments/{self.instrument}/publish"
        await self.ask(f"north/{COACH}", "POST", path)

    async def enter(self, by: str = ADMIN, **asked: Any) -> httpx2.Response:
        body = {**WHO, "end_date": FRIDAY, **asked}
        async with self.client("roster", f"north/{by}") as client:
            answer = await client.post(COVERS, json=body)
        await self.settle()
        return answer

    async def entered(self, **asked: Any) -> str:
        answer = await self.enter(**asked)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["cover_id"])

    async def survey(self, teacher: str, class_id: str = "") -> httpx2.Response:
        """Plan one of the class."""
        body = {
            "instrument_id": self.instrument,
            "teacher_id": teacher,
            "class_id": class_id or self.theirs,
        }
        async with self.client("surveys", f"north/{teacher}") as client:
            return await client.post("/surveys/v1/administrations", json=body)

    async def may(self, class_id: str = "") -> bool:
        """Whether the substitute is one who teaches the class: as far as she may plan a survey of
        it, which both doors (what she names, and who may) then agree on."""
        planned = (await self.survey(SUBSTITUTE, class_id)).status_code == 201
        listed = f"/surveys/v1/classes/{class_id or self.theirs}/open-administrations"
        async with self.client("surveys", f"north/{SUBSTITUTE}") as client:
            seen = (await client.get(listed)).status_code == 200
        assert planned is seen
        return planned


@pytest.fixture
async def north() -> School:
    made = School()
    await made.begin()
    return made


def refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()
    places = [each["pointer"] for each in told.get("errors", ())]
    return answer.status_code, told.get("code", ""), places[0] if places else ""


async def test_while_it_lasts_she_gives_the_class_a_survey_of_her_own(north: School) -> None:
    assert not await north.may()
    await north.entered()
    path = "/surveys/v1/administrations"
    made = (await north.survey(SUBSTITUTE)).json()
    assert made["class_title"] == north.titles[north.theirs]
    opened = await north.ask(
        f"north/{SUBSTITUTE}", "POST", f"{path}/{made['administration_id']}/open", {}
    )
    students = await _students(north)
    assert len(opened.json()["codes"]) == students > 0
    # hers: the one who is away does not get it, nor does it change what she has
    await north.settle()
    listed = (await north.ask(f"north/{AWAY}", "GET", f"{path}?teacher_id=me")).json()
    assert listed["administrations"] == []
    async with north.client("surveys", f"north/{AWAY}") as client:
        got = await client.get(f"{path}/{made['administration_id']}")
    assert got.status_code == 404


async def _students(north: School) -> int:
    found = await north.ask(f"north/{AWAY}", "GET", "/roster/v1/classes")
    each = next(each for each in found.json()["classes"] if each["class_id"] == north.theirs)
    return int(each["student_count"])


async def test_she_closes_what_is_open_in_the_class_and_sees_no_results(north: School) -> None:
    made = (await north.survey(AWAY)).json()["administration_id"]
    path = f"/surveys/v1/administrations/{made}"
    await north.ask(f"north/{AWAY}", "POST", f"{path}/open", {})
    who = f"north/{SUBSTITUTE}"
    await north.ask(who, "POST", f"{path}/close", status=404)
    await north.entered()
    await north.ask(who, "POST", f"{path}/open", {}, status=404)  # her codes are hers
    closed = (await north.ask(who, "POST", f"{path}/close")).json()
    assert (closed["state"], closed["results"]) == ("closed", None)
    await north.ask(who, "GET", path, status=404)


async def test_she_sees_nothing_of_the_work_of_the_one_who_is_away(north: School) -> None:
    goal = {
        "teacher_id": AWAY,
        "class_id": north.theirs,
        "statement": "More talk",
        "focus_skill": "dialogue",
        "measure_id": "talk",
        "unit": "percent",
        "direction": "increase",
        "target": 60,
    }
    made = await north.ask(f"north/{AWAY}", "POST", "/goals/v1/goals", goal)
    planned = (await north.survey(AWAY)).json()["administration_id"]
    await north.entered()
    for path in (
        f"/goals/v1/goals?teacher_id={AWAY}",
        f"/goals/v1/goals/{made.json()['goal_id']}",
        f"/observations/v1/observations?teacher_id={AWAY}",
        f"/surveys/v1/administrations?teacher_id={AWAY}",
        f"/surveys/v1/administrations/{planned}",
        f"/insights/v1/cards/{AWAY}",
        f"/insights/v1/timelines/{AWAY}",
        f"/roster/v1/people/{AWAY}",
    ):
        async with north.client(path.split("/")[1], f"north/{SUBSTITUTE}") as client:
            assert (await client.get(path)).status_code == 404, path


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Auckland"])
async def test_it_begins_and_ends_with_the_districts_days_without_any_event(zone: str) -> None:
    north = School(districts=Districts({"north": District(time_zone=zone)}))
    await north.begin()
    made = await north.entered(begin_date="2026-10-07", end_date="2026-10-08")
    there = ZoneInfo(zone)
    for moment, may in (
        (datetime(2026, 10, 6, 23, 59, tzinfo=there), False),
        (datetime(2026, 10, 7, 0, 0, tzinfo=there), True),
        (datetime(2026, 10, 8, 23, 59, tzinfo=there), True),
        (datetime(2026, 10, 9, 0, 0, tzinfo=there), False),
    ):
        north.clock.set(moment.astimezone(UTC))
        assert await north.may() is may, moment
    told = (await north.ask(f"north/{ADMIN}", "GET", f"{COVERS}/{made}")).json()
    assert (told["state"], told["version"]) == ("open", 1)
    listed = await north.ask(
        f"north/{SUBSTITUTE}", "GET", "/surveys/v1/administrations?teacher_id=me"
    )
    kept = listed.json()["administrations"]  # what she did stays hers
    assert [each["class_title"] for each in kept] == 2 * [north.titles[north.theirs]]


async def test_ending_it_closes_at_once_and_an_import_changes_nothing_of_it(
    north: School,
) -> None:
    made = await north.entered()
    zip_ = build_district(Shape("North", 1, 3, 2), 2027)
    await north.import_roster("north/sis?roster.write", zip_)
    await north.settle()
    assert await north.may()
    path = f"{COVERS}/{made}"
    told = (await north.ask(f"north/{ADMIN}", "POST", f"{path}/end")).json()
    await north.settle()
    assert (told["state"], told["ended_by"]) == ("ended", ADMIN)
    assert not await north.may()
    again = await north.ask(f"north/{ADMIN}", "POST", f"{path}/end", status=409)
    assert again.json()["code"] == "cover_ended"


async def test_only_the_classes_that_it_names(north: School) -> None:
    assert len(north.classes) > 1
    made = await north.entered(class_ids=[north.classes[1]])
    assert not await north.may(north.classes[0])
    assert await north.may(north.classes[1])
    body = {"class_ids": [north.classes[0]], "reason_kind": "absence", "end_date": "2026-10-12"}
    path = f"{COVERS}/{made}/change"
    await north.ask(f"north/{ADMIN}", "POST", path, body, status=428)
    seen = {"If-Match": '"1"'}
    told = (await north.ask(f"north/{ADMIN}", "POST", path, body, headers=seen)).json()
    await north.settle()
    assert [each["class_id"] for each in told["classes"]] == [north.classes[0]]
    (before,) = told["earlier"]
    assert (before["class_ids"], before["end_date"]) == ([north.classes[1]], FRIDAY)
    assert (before["reason_kind"], told["reason_kind"]) == ("leave", "absence")
    assert (told["begin_date"], told["end_date"]) == ("2026-10-05", "2026-10-12")
    assert await north.may(north.classes[0])
    assert not await north.may(north.classes[1])


async def test_who_no_longer_teaches_a_class_is_not_covered_in_it(north: School) -> None:
    """Whoever the roster then names teaches it."""
    await north.entered()
    assert await north.may()
    files = {"enrollments.csv": (f"{AWAY},teacher", f"{COACH},teacher")}
    zip_ = build_district(Shape("North", 1, 3, 2), 2027)
    await north.import_roster("north/sis?roster.write", _edited(zip_, files))
    await north.settle()
    assert not await north.may()


def _edited(zip_: bytes, changes: dict[str, tuple[str, str]]) -> bytes:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(zip_)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name in changes:
                before, after = changes[name]
                assert before in text
                text = text.replace(before, after)
            new.writestr(name, text)
    return packed.getvalue()


NOT_ENTERED: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"substitute_id": AWAY}, (422, "covers_herself", "/substitute_id")),
    ({"substitute_id": ADMIN}, (422, "own_cover", "/substitute_id")),
    ({"substitute_id": "nobody"}, (422, "unknown_substitute", "/substitute_id")),
    ({"teacher_id": "nobody"}, (422, "unknown_teacher", "/teacher_id")),
    ({"teacher_id": COACH}, (422, "covers_no_class", "/class_ids")),
    ({"class_ids": ["class-9999"]}, (422, "unknown_class", "/class_ids")),
    ({"begin_date": "2026-10-04"}, (422, "begins_in_the_past", "/begin_date")),
    ({"end_date": "2026-10-04"}, (422, "ends_in_the_past", "/end_date")),
    ({"begin_date": "2026-10-09", "end_date": "2026-10-08"},
     (422, "ends_before_it_begins", "/end_date")),
    ({"end_date": "2027-07-01"}, (422, "other_school_year", "/end_date")),
    ({"end_date": "9999-12-31"}, (422, "school_year_out_of_range", "/end_date")),
    ({"reason_kind": "illness"}, (422, "invalid_request", "/reason_kind")),
    ({"reason": "She is ill"}, (422, "invalid_request", "")),
]  # fmt: skip


async def test_what_is_not_entered(north: School) -> None:
    for asked, told in NOT_ENTERED:
        assert refusal(await north.enter(**asked)) == told, asked
    assert (await north.ask(f"north/{ADMIN}", "GET", COVERS)).json()["covers"] == []


async def test_the_district_and_its_programs_enter_and_both_sides_see(north: School) -> None:
    made = await north.entered(by=SYSTEM)
    path = f"{COVERS}/{made}"
    told = (await north.ask(f"north/{AWAY}", "GET", path)).json()
    assert (told["owner_id"], told["owner_name"], told["allowed"]) == ("absences", None, [])
    assert (await north.ask(f"north/{SUBSTITUTE}", "GET", path)).json() == told
    for who in ("teacher-0003", COACH):
        await north.ask(f"north/{who}", "GET", path, status=404)
        await north.ask(f"north/{who}", "POST", f"{path}/end", status=404)
    for who in (AWAY, SUBSTITUTE, COACH):
        await north.ask(f"north/{who}", "POST", f"{path}/end", status=404)
        assert (await north.enter(by=who)).status_code == 404
    assert refusal(await north.enter(by="sis?roster.write"))[:2] == (403, "scope_missing")
    await north.ask(f"south/{ADMIN}", "GET", path, status=404)
    await north.ask(f"north/{SYSTEM}", "POST", f"{path}/end")


async def test_they_are_listed_by_either_side_and_by_when_they_end(north: School) -> None:
    one = await north.entered()
    north.clock.forward(minutes=1)
    two = await north.entered(substitute_id="teacher-0003", end_date="2026-10-06")
    north.clock.forward(minutes=1)
    three = await north.entered(teacher_id="teacher-0003", end_date="2026-10-20")

    async def listed(query: str, by: str = ADMIN, status: int = 200) -> list[str]:
        found = await north.ask(f"north/{by}", "GET", f"{COVERS}?{query}", status=status)
        return [each["cover_id"] for each in found.json().get("covers", ())]

    with capture_logs() as lines:
        assert await listed("") == [three, two, one]
    (told,) = [each for each in lines if each["event"] == "access_decision"]
    assert (told["kind"], told["count"]) == ("cover", 2)
    assert await listed("substitute_id=me", SUBSTITUTE) == [three, one]
    assert await listed("teacher_id=me", AWAY) == [two, one]
    assert await listed(f"teacher_id={AWAY}&substitute_id=me", SUBSTITUTE) == [one]
    assert await listed("ending_from=2026-10-07") == [one, three]
    assert await listed("ending_from=2026-10-09&substitute_id=me", SUBSTITUTE) == [one, three]
    await listed(f"teacher_id={AWAY}", SUBSTITUTE, 404)
    assert await listed("", SUBSTITUTE) == [three, one]  # without a filter hers, on either side
    assert await listed("", AWAY) == [two, one]
    assert await listed("ending_from=2026-10-07", SUBSTITUTE) == [one, three]
    assert await listed("", "coach-02") == []


async def test_the_same_request_after_its_last_day_is_answered_as_before(north: School) -> None:
    body, key = {**WHO, "end_date": "2026-10-05"}, {"Idempotency-Key": "today"}
    first = await north.ask(f"north/{ADMIN}", "POST", COVERS, body, headers=key)
    north.clock.set(datetime(2026, 10, 7, tzinfo=UTC))
    again = await north.ask(f"north/{ADMIN}", "POST", COVERS, body, headers=key)
    assert again.json()["cover_id"] == first.json()["cover_id"]
    assert refusal(await north.enter(end_date="2026-10-05"))[1] == "ends_in_the_past"
    path, seen = f"{COVERS}/{first.json()['cover_id']}/change", {"If-Match": '"1"'}
    late = {"reason_kind": "leave", "end_date": FRIDAY}
    refused = await north.ask(f"north/{ADMIN}", "POST", path, late, headers=seen, status=409)
    assert refused.json()["code"] == "cover_over"


async def test_a_cover_follows_the_records_of_one_person(north: School) -> None:
    """Before, whose record is given up took no classes any more, and nobody took hers."""
    kept = "teacher-0003"
    cover, of_one = await north.entered(), await north.entered(substitute_id=kept)
    asked = {"from_person_id": AWAY, "into_person_id": kept}
    made = await north.ask(f"north/{ADMIN}", "POST", "/roster/v1/matches", asked)
    match = f"/roster/v1/matches/{made.json()['match_id']}"
    await north.ask(f"north/{ADMIN}", "POST", f"{match}/confirm")
    await north.settle()

    async def told(id: str) -> tuple[str, str, str]:
        found = (await north.ask(f"north/{ADMIN}", "GET", f"{COVERS}/{id}")).json()
        return found["teacher_id"], found["substitute_id"], found["state"]

    assert await told(cover) == (kept, SUBSTITUTE, "open")
    assert await told(of_one) == (AWAY, kept, "ended")  # nobody takes her own classes
    assert await north.may()
    await north.ask(f"north/{ADMIN}", "POST", f"{match}/separate")
    await north.settle()
    assert await told(cover) == (AWAY, SUBSTITUTE, "open")
    assert await told(of_one) == (AWAY, kept, "open")
    assert (await north.survey(kept, north.theirs)).status_code == 201


async def test_a_cover_that_somebody_has_ended_stays_so_whoever_is_parted(north: School) -> None:
    kept = "teacher-0003"
    by_hand, over = [
        await north.entered(substitute_id=kept, end_date=day) for day in (FRIDAY, "2026-10-06")
    ]
    await north.ask(f"north/{ADMIN}", "POST", f"{COVERS}/{by_hand}/end")
    asked = {"from_person_id": AWAY, "into_person_id": kept}
    made = await north.ask(f"north/{ADMIN}", "POST", "/roster/v1/matches", asked)
    match = f"/roster/v1/matches/{made.json()['match_id']}"
    await north.ask(f"north/{ADMIN}", "POST", f"{match}/confirm")
    await north.settle()
    north.clock.set(datetime(2026, 10, 7, 18, tzinfo=UTC))
    await north.ask(f"north/{ADMIN}", "POST", f"{match}/separate")
    await north.settle()
    for each in (by_hand, over):
        found = (await north.ask(f"north/{ADMIN}", "GET", f"{COVERS}/{each}")).json()
        assert found["state"] == "ended"


async def test_who_takes_the_classes_takes_them_by_the_record_that_is_kept(north: School) -> None:
    kept = "teacher-0003"
    cover = await north.entered(substitute_id=kept)
    assert not await north.may()
    asked = {"from_person_id": kept, "into_person_id": SUBSTITUTE}
    made = await north.ask(f"north/{ADMIN}", "POST", "/roster/v1/matches", asked)
    match = f"/roster/v1/matches/{made.json()['match_id']}"
    await north.ask(f"north/{ADMIN}", "POST", f"{match}/confirm")
    await north.settle()
    told = (await north.ask(f"north/{ADMIN}", "GET", f"{COVERS}/{cover}")).json()
    assert told["substitute_id"] == SUBSTITUTE
    assert await north.may()
    since = await north.entered(begin_date="2026-10-08")
    parted = (await north.ask(f"north/{ADMIN}", "POST", f"{match}/separate")).json()
    assert (parted["staying_grant_ids"], parted["staying_cover_ids"]) == ([], [since])
    await north.settle()
    assert not await north.may()
