"""Who teaches a class and whom a school has, as it changes within a year: on real processes and
real engines."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from services.access.school_year import last_day, school_year_of
from services.ctl.demo.district import build_district
from tests.support.coaching import SHAPE, YEAR, Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

AWAY, SUBSTITUTE, ADMIN = "teacher-0010", "teacher-0011", "admin-01"


async def test_a_substitute_takes_a_class_until_its_cover_is_ended(north: Coaching) -> None:
    classes = await north.asks.ask(north.who(AWAY), "GET", "/roster/v1/classes")
    theirs = classes.json()["classes"][0]
    listed = f"/surveys/v1/classes/{theirs['class_id']}/open-administrations"
    await north.may(SUBSTITUTE, listed, yes=False)
    last = last_day(school_year_of(datetime.now(UTC).date()))
    cover = await north.post(
        ADMIN,
        "/roster/v1/covers",
        {
            "teacher_id": AWAY,
            "substitute_id": SUBSTITUTE,
            "class_ids": [theirs["class_id"]],
            "reason_kind": "leave",
            "end_date": str(last),
        },
    )
    await north.may(SUBSTITUTE, listed)
    measure = await north.published_measure(SUBSTITUTE)
    planned = {
        "instrument_id": measure,
        "teacher_id": SUBSTITUTE,
        "class_id": theirs["class_id"],
    }
    made = await north.post(SUBSTITUTE, "/surveys/v1/administrations", planned)
    assert made["class_title"] == theirs["title"]
    path = f"/surveys/v1/administrations/{made['administration_id']}"
    opened = await north.post(SUBSTITUTE, f"{path}/open", {})
    assert len(opened["codes"]) == theirs["student_count"]
    await north.post(ADMIN, f"/roster/v1/covers/{cover['cover_id']}/end")
    await north.may(SUBSTITUTE, listed, yes=False)
    await north.may(SUBSTITUTE, path)  # what she did stays hers
    await north.may(AWAY, path, yes=False)


async def test_of_years_of_experience_a_band_is_kept(north: Coaching) -> None:
    path = "/roster/v1/experience"
    body = {"rows": [{"person_id": AWAY, "years": 7.5}, {"person_id": "nobody", "years": 1}]}
    first = await north.post(ADMIN, path, body)
    again = await north.post(ADMIN, path, body)
    assert [each["changed"] for each in (first, again)] == [1, 0]
    assert [each["row"] for each in again["rejected"]] == [1]
    found = await north.asks.ask(north.who(AWAY), "GET", f"{path}/me")
    assert found.json()["band"] == "years_5_10"
    told = await north.asks.ask(north.who(ADMIN), "GET", f"{path}-summary")
    assert {each["people"] for each in told.json()["bands"]} == {None}  # she alone


def _elsewhere(teacher: str) -> tuple[bytes, str]:
    """The roster with a teacher at the other of two schools, and that school."""
    packed, school = io.BytesIO(), ""
    with (
        zipfile.ZipFile(io.BytesIO(build_district(SHAPE, YEAR))) as old,
        zipfile.ZipFile(packed, "w") as new,
    ):
        for name in old.namelist():
            rows = old.read(name).decode().split("\r\n")
            for number, row in enumerate(rows):
                if name == "roles.csv" and f",{teacher}," in row:
                    before, _, at = row.rpartition(",")
                    school = "school-02" if at == "school-01" else "school-01"
                    rows[number] = f"{before},{school}"
            new.writestr(name, "\r\n".join(rows))
    assert school
    return packed.getvalue(), school


async def test_a_teacher_who_moves_takes_her_coach_and_her_work_along(stack: RunningStack) -> None:
    south, coach, teacher = Coaching(stack, "south"), "coach-03", "teacher-0012"
    await south.relate(3)
    await south.may(coach, f"/goals/v1/goals?teacher_id={teacher}")
    goal = await south.active_goal(coach, teacher)
    packed, school = _elsewhere(teacher)
    await stack.import_roster("south/sis?roster.write", packed)

    async def moved() -> bool:
        entry = await south.entry(coach, teacher)
        return entry is not None and entry["school_ids"] == [school]

    await eventually(moved, timeout=20)
    await south.may(coach, f"/goals/v1/goals/{goal}")
    staff = f"/roster/v1/orgs/{school}/staff?role=teacher"
    found = await stack.ask(south.who(ADMIN), "GET", staff)
    assert teacher in {each["person_id"] for each in found.json()["staff"]}
    await south.import_roster()
