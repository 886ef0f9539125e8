"""A kit made in one district and put into another, on real engines, cut off at each request."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from services.chassis.ed25519 import new_key, public_key
from services.ctl.client import open_api
from services.ctl.demo.strategies import MEASURES
from services.ctl.exits import Exit, Stop
from services.ctl.kit_installing import Became, KitInstalling
from services.ctl.kit_making import KitMaking, KitWanted
from services.ctl.kits import FORMAT, digest_of, document_of, read_kit
from services.ctl.target import addresses_of
from services.goals.tree.tree_file import SHIPPED, read_tree
from tests.e2e.test_programs import PROGRAMS, SAYS
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack

ADMIN, TREES, ELSEWHERE = "admin-01", "/goals/v1/trees", "dell"
MEASURE = {"title": "Share of students", "unit": "percent", "direction": "increase"}
MOST_REQUESTS = 20


class CutOff(KitInstalling):
    """Breaks off before its request of this number."""

    last: int

    async def _send(self, *asked: object) -> object:
        self.last -= 1
        if self.last == 0:
            raise Stop(Exit.UNREACHABLE, "away")
        return await super()._send(*asked)  # type: ignore[arg-type] # as it was asked


async def test_a_kit_is_put_into_another_district_once(
    stack: RunningStack, north: Coaching, tmp_path: Path
) -> None:
    for measure in MEASURES:
        path = f"/goals/v1/measures/{measure}"
        await north.asks.ask(north.who(ADMIN), "PUT", path, MEASURE)
    tree = await north.post(ADMIN, TREES, read_tree(SHIPPED).model_dump(mode="json"))
    await north.post(ADMIN, f"{TREES}/{tree['tree_id']}/publish")
    program = await north.post(ADMIN, PROGRAMS, SAYS)
    wanted = KitWanted(programs=[program["program_id"]], trees=[tree["tree_id"]])
    private, file = new_key(), tmp_path / "kit.json"
    async with open_api(addresses_of(stack.stack)) as api:
        made = KitMaking(api, stack.token(north.who(ADMIN)), "north")
        kit = {
            "format": FORMAT, "name": "Discussion", "version": "1", "license": "CC BY 4.0",
            "about": "A year", "made_at": "2026-11-30T01:00:00Z", "parent": None,
            **await made.read(wanted),
        }  # fmt: skip
    file.write_text(json.dumps(document_of(kit, private)))
    said, document = read_kit(file, public_key(private))

    dell = Coaching(stack, ELSEWHERE)
    await dell.import_roster()
    await dell.may(ADMIN, TREES)
    await dell.may(ADMIN, PROGRAMS)
    token, digest = stack.token(dell.who(ADMIN)), digest_of(document["kit"])

    async def installed(cut: int) -> list[Became] | None:
        async with open_api(addresses_of(stack.stack)) as api:
            one = CutOff(api, token, ELSEWHERE, digest)
            one.last = cut
            try:
                return await one.install(said)
            except Stop as stopped:
                if stopped.line != "away":
                    raise
                return None

    found = None
    for cut in range(1, MOST_REQUESTS):
        found = found or await installed(cut)
    assert found is not None
    assert await installed(0) == [
        replace(each, became="there already") if each.became == "stated" else each for each in found
    ]
    became = {each.part: (each.became, each.id) for each in found}
    assert became["tree-1"][0] == "published"
    listed = await dell.asks.ask(dell.who(ADMIN), "GET", f"{TREES}?page_size=200")
    assert [each["tree_id"] for each in listed.json()["trees"]] == [became["tree-1"][1]]
    programs = await dell.asks.ask(dell.who(ADMIN), "GET", f"{PROGRAMS}?page_size=200")
    assert [(each["program_id"], each["state"]) for each in programs.json()["programs"]] == [
        (became["program-1"][1], "draft")
    ]
