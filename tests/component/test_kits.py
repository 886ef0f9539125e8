"""A program's kit: made from one district, signed, checked, and put into another one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ed25519 import new_key, public_key
from services.ctl.__main__ import run
from services.ctl.client import open_api
from services.ctl.exits import Exit, Stop
from services.ctl.kit_installing import Became, KitInstalling, lines
from services.ctl.kit_making import KitMaking, KitWanted
from services.ctl.kits import FORMAT, Kit, checked, digest_of, document_of, read_kit
from tests.support.docs_program import program
from tests.support.filled import Filled
from tests.support.inside import Door

KEY = new_key()
Document = dict[str, Any]
holds = program("docs/program-kits.md", "check")


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: what is installed takes nothing from another test, which looks at its own kit."""
    platform = Filled()
    await platform.fill("north")
    await platform.fill("south")
    return platform


@pytest.fixture(scope="module")
async def offering(platform: Filled) -> str:
    """A published tree of north's that offers a measure, a tool and a strategy."""
    ids = platform.ids["north"]
    first = {
        "step_id": "listen",
        "title": "Listen",
        "question": "Who talks?",
        "answers": [{"answer_id": "few", "text": "A few", "leads_to": "goal"}],
        "measure_ids": ["talk-share"],
        "tool_ids": [ids["tool_id"]],
        "strategy_ids": [ids["strategy_id"]],
    }
    end = {"step_id": "goal", "title": "A goal", "question": "What would be more?"}
    body = {"title": "Who talks", "about": "For all", "steps": [first, end]}
    made = (await platform.ask("north/coach-01", "POST", "/goals/v1/trees", body)).json()
    tree = str(made["tree_id"])
    await platform.ask("north/coach-01", "POST", f"/goals/v1/trees/{tree}/publish")
    return tree


async def made(door: Door, platform: Filled, tree: str, **said: Any) -> Document:
    ids = platform.ids["north"]
    wanted = KitWanted(
        programs=[ids["program_id"]], trees=[tree], instruments=[ids["instrument_id"]]
    )
    async with open_api(door.addresses) as api:
        parts = await KitMaking(api, "north/admin-01", "north").read(wanted)
    kit = {
        "format": FORMAT, "name": "Who talks", "version": "1.0", "license": "CC BY 4.0",
        "about": "A year", "made_at": "2026-11-30T01:00:00Z", "parent": None, **parts, **said,
    }  # fmt: skip
    checked(kit)
    return dict(document_of(kit, KEY))


async def installed(door: Door, document: Document, **how: Any) -> list[Became]:
    digest = digest_of(document["kit"])
    async with open_api(door.addresses) as api:
        installing = KitInstalling(api, "south/admin-01", "south", digest, **how)
        return await installing.install(Kit.model_validate(document["kit"], strict=False))


def written(folder: Path, document: Any) -> Path:
    file = folder / "kit.json"
    file.write_text(json.dumps(document))
    return file


async def test_it_is_whole_signed_and_names_nobody(
    platform: Filled, offering: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await made(Door(platform, monkeypatch), platform, offering)
    kit, _ = read_kit(written(tmp_path, document), public_key(KEY))
    assert [each.part_id for each in kit.parts()] == [
        "tool-1", "instrument-1", "strategy-1", "tree-1", "program-1",
    ]  # fmt: skip
    assert [each.measure_id for each in kit.measures] == ["talk-share"]
    step = kit.trees[0].says.steps[0]
    assert (step.tool_ids, step.strategy_ids) == (["tool-1"], ["strategy-1"])
    assert holds(document) == ""
    text = json.dumps(document)
    for other in ("coach-01", "admin-01", "teacher-0", "lead_ids", "cost_per", "north", offering):
        assert other not in text


async def test_it_is_previewed_then_installed_once(
    platform: Filled, offering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(platform, monkeypatch)
    document = await made(door, platform, offering, name="Once")
    trees = "/goals/v1/trees?page_size=200"
    before = (await platform.ask("south/admin-01", "GET", trees)).json()
    preview = await installed(door, document, dry_run=True)
    assert (await platform.ask("south/admin-01", "GET", trees)).json() == before
    assert {each.became for each in preview} == {
        "there already", "would be published", "would be drafted",
    }  # fmt: skip
    found = await installed(door, document)
    assert await installed(door, document) == found
    became = {each.part: each for each in found}
    assert became["program-1"].became == "draft"
    tree = await platform.ask("south/admin-01", "GET", f"/goals/v1/trees/{became['tree-1'].id}")
    first = tree.json()["steps"][0]
    assert first["tool_ids"] == [became["tool-1"].id]
    assert first["strategy_ids"] == [became["strategy-1"].id]
    path = f"/programs/v1/programs/{became['program-1'].id}"
    there = (await platform.ask("south/admin-01", "GET", path)).json()
    kept = document["kit"]["programs"][0]["says"]
    assert (there["name"], there["state"]) == (kept["name"], "draft")
    assert [each["lead_id"] for each in there["leads"]] == ["admin-01"]
    assert [len(each["steps"]) for each in there["stages"]] == [
        len(each["steps"]) for each in kept["stages"]
    ]


async def test_what_became_of_each_part_is_one_line_with_its_id_once(
    platform: Filled, offering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(platform, monkeypatch)
    found = await installed(door, await made(door, platform, offering, name="Told"))
    told = [*lines(found)]
    for each, line in zip(found, told, strict=True):
        assert (line.count(each.id) if each.id else 1) == 1


async def test_a_measure_that_means_something_else_stops_it_before_anything_is_changed(
    platform: Filled, offering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(platform, monkeypatch)
    document = await made(door, platform, offering, name="Other")
    document["kit"]["measures"][0]["says"]["unit"] = "seconds"
    tools = "/observations/v1/tools?page_size=200"
    before = (await platform.ask("south/admin-01", "GET", tools)).json()
    with pytest.raises(Stop) as stopped:
        await installed(door, document)
    assert "talk-share: unit is percent in the district and seconds" in stopped.value.line
    assert (await platform.ask("south/admin-01", "GET", tools)).json() == before


async def test_what_broke_off_goes_on(
    platform: Filled, offering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(platform, monkeypatch)
    document = await made(door, platform, offering, name="Broken off")
    sent, whole = KitInstalling._send, await installed(door, document, dry_run=True)
    for last in range(1, 2 * len(whole)):
        left = last

        async def breaks(self: KitInstalling, *asked: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                raise Stop(Exit.UNREACHABLE, "away")
            return await sent(self, *asked)

        monkeypatch.setattr(KitInstalling, "_send", breaks)
        with pytest.raises(Stop):
            await installed(door, document)
    monkeypatch.setattr(KitInstalling, "_send", sent)
    found = await installed(door, document)
    listed = (await platform.ask("south/admin-01", "GET", "/goals/v1/trees?page_size=200")).json()
    title = document["kit"]["trees"][0]["says"]["title"]
    there = [each["tree_id"] for each in listed["trees"] if each["title"] == title]
    tree = next(each.id for each in found if each.part == "tree-1")
    assert there.count(tree) == 1


def _number(kit: Any) -> None:
    kit["trees"][0]["says"]["steps"][0]["tool_ids"] = ["tool-9"]


def _leads(kit: Any) -> None:
    kit["programs"][0]["says"]["lead_ids"] = ["coach-01"]


def _nowhere(kit: Any) -> None:
    kit["trees"][0]["says"]["steps"][0]["answers"][0]["leads_to"] = "nowhere"


def _twice(kit: Any) -> None:
    kit["tools"] *= 2


def _more(kit: Any) -> None:
    kit["surprise"] = 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_number, "kit.trees.0.says.steps.0.tool_ids: tool-9 is not in the kit"),
        (_leads, "kit.programs.0.says: it says what is a district's own"),
        (_nowhere, "kit.trees.0.says.steps.0.answers.0.leads_to: "),
        (_twice, "kit.tool-1: it is there twice"),
        (_more, "kit.surprise: "),
    ],
)
async def test_what_is_wrong_in_it_is_named(
    platform: Filled, offering: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[Any], None], told: str,
) -> None:  # fmt: skip
    document = copy.deepcopy(await made(Door(platform, monkeypatch), platform, offering))
    wrong(document["kit"])
    place = written(tmp_path, document)
    with pytest.raises(Stop, match="it is not what was signed"):
        read_kit(place)
    assert holds(document) != ""
    place = written(tmp_path, document_of(document["kit"], KEY))
    with pytest.raises(Stop) as refused:
        read_kit(place)
    assert refused.value.line.startswith(f"{place}: {told}")


async def test_the_command_line_says_what_is_in_it(
    platform: Filled, offering: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    place = written(tmp_path, await made(Door(platform, monkeypatch), platform, offering))
    assert run(["program", "kit", "verify", str(place), "--key", public_key(KEY)]) == Exit.OK
    told = capsys.readouterr().out
    assert "tree-1: Who talks\n" in told
    assert f"unchanged, signed by {public_key(KEY)}, as you said\n" in told
    other = public_key(new_key())
    assert run(["program", "kit", "verify", str(place), "--key", other]) == Exit.REFUSED
    told = capsys.readouterr().err
    assert f"it is signed by {public_key(KEY)}, and not by {other}" in told
    for odd in (KEY[:-1], "maker.key", "é" * 43):
        assert run(["program", "kit", "verify", str(place), "--key", odd]) == Exit.USAGE
        assert f"--key: {odd} is no public key" in capsys.readouterr().err
    into = ["program", "kit", "install", str(place), "--district", "south", "--key", ""]
    assert run(into) == Exit.USAGE  # as where a variable of the shell is not set
    place.write_text("[]")
    assert run(["program", "kit", "verify", str(place)]) == Exit.REFUSED
