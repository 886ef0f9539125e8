"""What a teacher takes along is hers alone, signed, and drafted anew where she takes it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.ctl.commands import take_out
from services.ctl.exits import Exit, Stop
from services.ctl.take_out import OPEN, document_of, wrong_in
from services.goals.goal.outline import CLOSED_BY_HER, GoalState
from services.goals.goal.resources import GoalResource
from tests.support.docs_program import program
from tests.support.filled import Filled
from tests.support.inside import Door
from tests.support.twice import NEW, OLD, Twice

HER, COACH = "teacher-0001", "coach-01"
GOALS = "/goals/v1/goals"
Document = dict[str, Any]
checked = program("docs/take-out.md", "check")


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: what a test adds takes nothing from another. People of the two districts have the
    same names, as they have the same ids."""
    platform = Filled()
    await platform.fill("north")
    await platform.fill("south")
    goal = f"{GOALS}/{platform.ids['north']['goal_id']}"
    for value in range(130):
        body = {"value": value, "note": f"own {value}"}
        await platform.ask(f"north/{HER}", "POST", f"{goal}/progress", body)
    body = {"value": 7, "note": "Written by the coach"}
    await platform.ask(f"north/{COACH}", "POST", f"{goal}/progress", body)
    return platform


async def taken(platform: Filled, who: str = f"north/{HER}", size: int = 200) -> Document:
    signed = (await platform.ask(who, "GET", "/goals/v1/take-out")).json()
    contents: dict[str, str] = {}
    page = ""
    while True:
        path = f"/goals/v1/take-out/parts?page_size={size}&page_token={page}"
        answer = (await platform.ask(who, "GET", path)).json()
        contents |= {each["part_id"]: each["content"] for each in answer["parts"]}
        page = answer["next_page_token"]
        if not page:
            return {"take_out": signed, "contents": contents}


async def test_it_is_signed_and_whole_as_anybody_can_check(platform: Filled) -> None:
    document = await taken(platform)
    assert (wrong_in(document), checked(document)) == ("", "")
    signed = document["take_out"]
    assert (signed["district_id"], signed["person_id"]) == ("north", HER)
    assert [each["part_id"] for each in signed["parts"]] == list(document["contents"])
    for size in (1, 3):
        assert (await taken(platform, size=size))["contents"] == document["contents"]
    again = await taken(platform)
    assert again["take_out"]["key"] == signed["key"]


async def test_all_values_are_in_it_and_nothing_of_others(platform: Filled) -> None:
    document = await taken(platform)
    goal = platform.ids["north"]["goal_id"]
    parts = {name: json.loads(text) for name, text in document["contents"].items()}
    values = [*parts[f"{goal}/progress/1"]["progress"], *parts[f"{goal}/progress/2"]["progress"]]
    assert [each["value"] for each in values] == [42, *range(130), 7]
    assert [each["progress_number"] for each in values] == list(range(1, 133))
    assert (values[5]["note"], values[5]["by_herself"]) == ("own 4", True)
    assert (values[-1]["note"], values[-1]["by_herself"]) == ("", False)
    assert parts[f"{goal}/revisions/1"]["revisions"][0]["revision"] == 1
    text = json.dumps(document)
    for other in (COACH, "Written by the coach", "class-0001", "admin-01"):
        assert other not in text
    listed = await platform.ask(f"north/{HER}", "GET", f"{GOALS}?page_size=200&taken_back=true")
    shown = {each["goal_id"]: each for each in listed.json()["goals"]}
    assert {each.partition("/")[0] for each in parts} == {
        id_
        for id_, each in shown.items()
        if each["state"] != "withdrawn"
        and not (each["state"] == "draft" and each["drafted_by"] != HER)
    }


async def test_nobody_elses_is_ever_given(platform: Filled) -> None:
    """There is no way to name another: whoever asks gets her own, and a program nothing."""
    assert (await taken(platform, f"north/{COACH}"))["contents"] == {}
    for path in ("/goals/v1/take-out", "/goals/v1/take-out/parts"):
        async with platform.client("goals", "north/sis?goals.read") as client:
            assert (await client.get(path)).status_code == 403
            other = await client.get(f"{path}?person_id={HER}")
            assert other.status_code in (403, 422)


def changes(document: Document) -> list[tuple[str, Document]]:
    """What somebody may do to a file, and the place that is told."""
    signed, contents = document["take_out"], document["contents"]
    first = next(iter(contents))
    less = {name: text for name, text in contents.items() if name != first}
    whole = "take_out: it is not what was signed"
    return [
        (f"contents.{first}: it was changed", {**document, "contents": {**contents, first: "{}"}}),
        (f"contents.{first}: it is missing", {**document, "contents": less}),
        ("contents.new: it was not signed", {**document, "contents": {**contents, "new": "{}"}}),
        (whole, {**document, "take_out": {**signed, "given_name": "Olga"}}),
        (whole, {**document, "take_out": {**signed, "parts": signed["parts"][1:]}}),
        (whole, {**document, "take_out": {**signed, "signature": "A" * 86}}),
        (whole, {**document, "take_out": {**signed, "key": "!"}}),
        ("take_out.parts: one is there twice",
         {**document, "take_out": {**signed, "parts": [*signed["parts"], signed["parts"][0]]}}),
        ("take_out.format: it is another than this program knows",
         {**document, "take_out": {**signed, "format": "x"}}),
        ("it is no take-out", {"take_out": 3, "contents": []}),
        ("it is no take-out", {**document, "contents": {first: 3}}),
    ]  # fmt: skip


async def test_a_file_that_was_changed_is_refused_and_the_place_named(
    platform: Filled, tmp_path: Path
) -> None:
    document = await taken(platform)
    for number, (wrong, changed) in enumerate(changes(document)):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(changed))
        with pytest.raises(Stop) as refused:
            document_of(file)
        assert refused.value.line == f"{file}: {wrong}"
        assert refused.value.code is Exit.REFUSED


async def test_open_goals_are_drafted_once_and_nothing_else_is(
    platform: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, file = Door(platform, monkeypatch), tmp_path / "her.json"
    before = await taken(platform, f"south/{HER}")
    await take_out.write_take_out(door.addresses, f"north/{HER}", "north", file)
    asked = door.addresses, f"south/{HER}", "south", file
    tried = await take_out.take_in_goals(*asked, dry_run=True)
    assert (await taken(platform, f"south/{HER}"))["contents"] == before["contents"]
    found = await take_out.take_in_goals(*asked, dry_run=False)
    assert await take_out.take_in_goals(*asked, dry_run=False) == found
    drafted = {e["goal_id"]: e["became"] for e in found if e["became"].startswith("draft ")}
    assert drafted.keys() == {e["goal_id"] for e in tried if e["became"] == "would be drafted"}
    goal = platform.ids["north"]["goal_id"]
    new = drafted[goal].split()[1]
    made = (await platform.ask(f"south/{HER}", "GET", f"{GOALS}/{new}")).json()
    kept = (await platform.ask(f"north/{HER}", "GET", f"{GOALS}/{goal}")).json()
    same = ("statement", "focus_skill", "measure_id", "unit", "target", "baseline", "direction")
    assert {name: made[name] for name in same} == {name: kept[name] for name in same}
    assert (made["state"], made["progress_count"], made["class_id"]) == ("draft", 0, None)
    await platform.ask(f"south/{HER}", "PATCH", f"{GOALS}/{new}", {"statement": "Another"})
    assert await take_out.take_in_goals(*asked, dry_run=False) == found
    after = await taken(platform, f"south/{HER}")
    added = after["contents"].keys() - before["contents"].keys()
    assert added == {each.split()[1] for each in drafted.values()}
    revise = {"reason": "A newer file", "statement": "Newer"}
    etag = {"If-Match": f'"{kept["version"]}"'}
    await platform.ask(f"north/{HER}", "POST", f"{GOALS}/{goal}/revise", revise, headers=etag)
    await take_out.write_take_out(door.addresses, f"north/{HER}", "north", file)
    newer = {e["goal_id"]: e["became"] for e in await take_out.take_in_goals(*asked, dry_run=False)}
    assert newer[goal].startswith("was taken in before")


async def test_somebody_elses_file_is_refused(
    platform: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, file = Door(platform, monkeypatch), tmp_path / "her.json"
    await take_out.write_take_out(door.addresses, f"north/{HER}", "north", file)
    with pytest.raises(Stop) as refused:
        await take_out.take_in_goals(
            door.addresses, "south/teacher-0002", "south", file, dry_run=False
        )
    assert "it is somebody else's take-out" in refused.value.line
    assert refused.value.code is Exit.REFUSED


async def test_her_own_words_of_before_her_records_were_merged_go_along() -> None:
    twice = await Twice().begin()
    goal = await twice.goal(OLD)
    for who in (OLD, "coach"):
        body = {"value": 45, "note": f"Words of {who}"}
        await twice.post(who, f"{GOALS}/{goal}/progress", body)
    await twice.north.settle()
    await twice.merged()
    told = await twice.get(NEW, "/goals/v1/take-out/parts")
    (part,) = (each["content"] for each in told["parts"] if "/progress/" in each["part_id"])
    values = json.loads(part)["progress"]
    assert [(each["by_herself"], each["note"]) for each in values] == [
        (True, f"Words of {OLD}"),
        (False, ""),
    ]


# Of what a goal shows: others', the district's, or what follows from what is in the file.
LEFT = """allowed teacher_id teacher_name drafted_by drafted_by_name version measure_title
    class_id class_title standards evidence evidence_count
    current previous progress progress_count last_progress_at earlier_revisions""".split()


async def test_a_goal_is_taken_with_all_that_it_shows_but_what_is_left_on_purpose(
    platform: Filled,
) -> None:
    goal = platform.ids["north"]["goal_id"]
    said = json.loads((await taken(platform))["contents"][goal])
    assert set(GoalResource.model_fields) - said.keys() == {*LEFT}


def test_what_is_open_is_drafted_anew() -> None:
    """Each state is closed in one way or another, and stays in the file, or is taken up again."""
    closed = {*CLOSED_BY_HER, GoalState.MAINTAINED, GoalState.WITHDRAWN}
    assert {*OPEN} == {state.value for state in {*GoalState} - closed}
