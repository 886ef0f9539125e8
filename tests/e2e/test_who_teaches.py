"""Who teaches a class and whom a school has, as it changes within a year: on real processes and
real engines."""

from __future__ import annotations

from datetime import UTC, datetime

from services.access.school_year import last_day, school_year_of
from tests.support.coaching import Coaching

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
