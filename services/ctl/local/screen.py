"""The one screen that `tandem up` prints: its address, and what to try."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from services.ctl import console
from services.ctl.client import open_api
from services.ctl.demo.seeding import is_empty
from services.ctl.exits import Refused
from services.ctl.local.stack import DISTRICT, Stack
from services.ctl.target import Local, addresses_of


async def screen(folder: Path, stack: Stack) -> None:
    """Print it. Raises Stop where the goals service does not answer."""
    here = Local(folder, stack)
    for line in _address(stack, here.districts()):
        console.data(line)
    if DISTRICT not in here.districts() or await is_empty(here):
        for line in _empty():
            console.data(line)
        return
    goal = await _goal(stack, here.token(stack.people["teacher"]))
    for line in _tried(stack, goal):
        console.data(line)


def command() -> str:
    """How a person types `tandem` in another terminal of the same folder."""
    beside = Path(sys.executable).parent / "tandem"
    found = shutil.which("tandem")
    name = "tandem"
    if found is None or Path(found).resolve() != beside.resolve():
        inside = beside.is_relative_to(Path.cwd())
        name = str(beside.relative_to(Path.cwd()) if inside else beside)
    where = os.environ.get("TANDEM_LOCAL")
    return f"TANDEM_LOCAL={Path(where).resolve()} {name}" if where else name


async def _goal(stack: Stack, token: str) -> tuple[str, float] | None:
    """An active goal of the demo teacher, and a next value for it."""
    async with open_api(addresses_of(stack)) as api:
        params = {"teacher_id": stack.people["teacher"]}
        try:
            found = await api.send(token, "GET", "goals", "/goals", params=params)
        except Refused:
            return None  # a district of somebody else's
    for goal in found.body["goals"]:
        if goal["state"] == "active":
            last = goal["baseline"] if goal["current"] is None else goal["current"]
            return goal["goal_id"], round((last + goal["target"]) / 2, 1)
    return None


def _address(stack: Stack, districts: tuple[str, ...]) -> list[str]:
    *most, last = districts
    named = f"districts {', '.join(most)} and {last}" if most else f"district {last}"
    return [
        "",
        f"Tandem is running, with the {named}.  Ctrl-C stops it.",
        "",
        f"  {stack.address}",
        "",
    ]


def _empty() -> list[str]:
    """What to do where nobody is there yet."""
    tandem = command()
    return [
        "There is no demo: everybody comes from a roster. In another terminal:",
        "",
        f"  {tandem} roster import FILE.zip --district DISTRICT",
        f"  {tandem} token --district DISTRICT --person ID",
        "",
    ]


def _tried(stack: Stack, goal: tuple[str, float] | None) -> list[str]:
    """What to try with the demo's people."""
    tandem = command()
    lines = ["Try in another terminal:", "", f"  {tandem} caseload watch", ""]
    if goal is not None:
        goal_id, value = goal
        lines += [
            f"  curl -X POST {stack.address}/goals/v1/goals/{goal_id}/progress \\",
            f'    -H "Authorization: Bearer $({tandem} token --role teacher)" \\',
            f"    -H 'Content-Type: application/json' -d '{{\"value\": {value}}}'",
            "",
        ]
    return [*lines, f"  {tandem} demo simulate", f"  {tandem} where", ""]
