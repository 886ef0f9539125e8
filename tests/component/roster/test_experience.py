"""Years of experience: kept as a band alone, seen by herself and administrators, told of groups
that are large enough."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coaching.roster.v1 import experience_events_pb2
from services.access.districts import District, Districts
from services.chassis.write.memory_documents import MemoryDocuments
from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services
from tests.support.staff import Held, Staffed, staffed

PATH = "/roster/v1/experience"
TYPE = b"coaching.roster.v1.ExperienceStated"
OFFICE = "hr?experience.write"


async def state(north: Staffed, *rows: dict[str, Any], by: str = "admin", **more: Any) -> Any:
    body = {"rows": list(rows), **more}
    answer = await north.ask(f"north/{by}", "POST", PATH, body)
    await north.settle()
    return answer.json()


async def band(north: Staffed, person: str = "teacher", by: str = "admin") -> Any:
    return (await north.ask(f"north/{by}", "GET", f"{PATH}/{person}")).json()


async def test_a_band_is_kept_and_no_number_anywhere() -> None:
    north = await staffed()
    told = await state(north, {"person_id": "teacher", "years": 7.25}, by=OFFICE)
    assert told == {"changed": 1, "unchanged": 0, "rejected": [], "validate_only": False}
    found = await band(north)
    assert (found["band"], found["stated_on"]) == ("years_5_10", "2026-10-05")
    store = north.services["roster"].backing.store
    assert isinstance(store, MemoryDocuments)
    kept = [each.state for key, each in store._stored.items() if "experience" in str(key)]
    assert len(kept) == 1
    assert "7.25" not in str(kept)


async def test_what_is_published_says_no_band() -> None:
    north = await staffed()
    await state(north, {"person_id": "teacher", "years": 7})
    published = north.log.all("coaching.roster.v1")
    (event,) = [each for each in published if ("ce_type", TYPE) in each.headers]
    said = experience_events_pb2.ExperienceStated.FromString(event.value or b"").experience
    assert (said.person_id, said.stated_on) == ("teacher", "2026-10-05")
    assert b"years" not in (event.value or b"")


async def test_the_same_again_changes_nothing_and_another_band_is_another_day() -> None:
    north = await staffed()
    row = {"person_id": "teacher", "start_date": "2020-08-01"}
    await state(north, row)
    north.clock.forward(days=1)
    assert (await state(north, row))["unchanged"] == 1
    assert (await band(north))["version"] == 1
    trial = await state(north, {"person_id": "teacher", "years": 30}, validate_only=True)
    assert (trial["changed"], (await band(north))["band"]) == (1, "years_5_10")
    await state(north, {"person_id": "teacher", "years": 30})
    found = await band(north)
    assert (found["band"], found["stated_on"], found["version"]) == (
        "years_over_20",
        "2026-10-06",
        2,
    )


async def test_wrong_rows_are_answered_and_the_rest_is_taken() -> None:
    north = await staffed()
    told = await state(
        north,
        {"person_id": "nobody", "years": 3},
        {"person_id": "teacher", "years": 3},
        {"person_id": "teacher", "years": 4},
        {"person_id": "peer"},
        {"person_id": "peer", "years": 1, "start_date": "2020-08-01"},
        {"person_id": "peer", "years": 99},
        {"person_id": "peer", "start_date": "2027-08-01"},
    )
    codes = [(each["row"], each["code"]) for each in told["rejected"]]
    assert codes == [
        (0, "unknown_person"),
        (2, "duplicate"),
        (3, "years_or_start_date"),
        (4, "years_or_start_date"),
        (5, "years_out_of_range"),
        (6, "years_out_of_range"),
    ]
    assert (await band(north))["band"] == "years_3_4"
    await north.ask("north/admin", "GET", f"{PATH}/peer", status=404)


async def test_she_and_administrators_see_it_and_nobody_else() -> None:
    north = await staffed()
    await north.coached("coach")
    await state(north, {"person_id": "teacher", "years": 3})
    assert await band(north, "me", "teacher") == await band(north)
    for who in ("coach", "peer", "leader", "aide"):
        await north.ask(f"north/{who}", "GET", f"{PATH}/teacher", status=404)
        await north.ask(f"north/{who}", "GET", f"{PATH}-summary", status=403)
        body = {"rows": [{"person_id": "teacher", "years": 3}]}
        await north.ask(f"north/{who}", "POST", PATH, body, status=403)
    for path in (f"{PATH}/teacher", f"{PATH}-summary"):
        await north.ask(f"north/{OFFICE}", "GET", path, status=403)


def _many(count: int, since: int = 0) -> dict[str, Held]:
    return {f"t{number}": [("teacher", "", "")] for number in range(since, since + count)}


async def test_groups_are_told_that_are_large_enough_and_no_other_follows() -> None:
    north = await staffed(Districts({"north": District(small_n=5)}), **_many(19))
    years = [1] * 6 + [7] * 7 + [15] * 5 + [30]  # one alone: she must not follow from the sum
    await state(north, *({"person_id": f"t{n}", "years": each} for n, each in enumerate(years)))

    async def told() -> tuple[dict[str, int | None], int | None]:
        found = (await north.ask("north/admin", "GET", f"{PATH}-summary")).json()
        assert found["small_n"] == 5
        return {each["band"]: each["people"] for each in found["bands"]}, found["people"]

    bands, people = await told()
    assert people == 19
    assert bands == {
        "years_0_2": 6,
        "years_3_4": None,
        "years_5_10": 7,
        "years_11_20": None,  # with it 6 are hidden
        "years_over_20": None,
    }
    await north.roster(**{**_many(19), "t0": None, "t1": None})  # who left is not counted
    bands, people = await told()
    assert (people, bands["years_0_2"]) == (17, None)


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def test_a_file_is_sent_in_parts_and_its_wrong_rows_have_their_lines(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "years.csv"
    rows = "".join(f"t{number},{number % 40}\n" for number in range(501))
    file.write_text(f"person_id,years\n{rows}bad id,3\n")
    rejected = [{"row": 0, "code": "unknown_person", "reason": "The roster has no such person."}]
    body = {"changed": 3, "unchanged": 1, "rejected": rejected, "validate_only": False}
    services.answers = {("POST", PATH): (200, body)}
    given = ["--district", "lakewood", "--url", services.url, "--token", "t", "--json"]
    assert run(["roster", "experience", str(file), *given]) == Exit.PROBLEMS
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["changed"], told["unchanged"]) == (502, 6, 2)
    assert [(each["line"], each["code"]) for each in told["problems"]] == [
        (2, "unknown_person"),
        (502, "unknown_person"),
        (503, "bad_id"),
    ]
    sent = [json.loads(each.body)["rows"] for each in services.asked]
    assert [len(each) for each in sent] == [500, 1]
