"""`tandem program`: a district's coaching programs, and the process templates that ship."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.commands import program_kit
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import all_of, read, show
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="A district's coaching programs.", no_args_is_help=True)
District = Annotated[str, typer.Option(help="The district whose programs they are.")]
PROGRAMS = "programs"
app.add_typer(program_kit.app, name="kit")


@app.callback()
def _group() -> None: ...


@app.command("list")
def list_(
    district: District,
    state: Annotated[
        str,
        typer.Option(
            help="draft, enrolling, active, closed or withdrawn.",
            show_default=False,
        ),
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the programs of a district, the newest first; withdrawn drafts where that is asked."""
    params = {"state": state} if state else {}
    asked = all_of(addresses(url), _token(district, token), district, PROGRAMS, params, PROGRAMS)
    show(district, PROGRAMS, asyncio.run(asked), _line, as_json)


@app.command("show")
def show_(
    program: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show a program: what it says, how many teachers are enrolled, its process, and where it
    differs from that."""
    path = f"/programs/{quote(program, safe='')}"
    found = {
        **_read(district, path, url, token),
        "size": _read(district, f"{path}/size", url, token),
    }
    if as_json:
        console.as_json(found)
        return
    console.data(_line(found))
    console.data(_size(found["size"]))
    for each in found["success_criteria"]:
        console.data(f"success: {each['statement']}")
    differs = {each["step_id"]: each for each in found["deviations"]}
    for text in _process(found["stages"], differs):
        console.data(text)


@app.command()
def templates(
    district: District,
    name: Annotated[
        str, typer.Argument(help="One of them, with its steps.", show_default=False)
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the process templates that ship, or show the steps of one."""
    noun = "process_templates"
    if name:
        found = _read(district, f"/process-templates/{quote(name, safe='')}", url, token)
    else:
        found = _read(district, "/process-templates?page_size=200", url, token)
    if as_json:
        console.as_json(found if name else {"district": district, noun: found[noun]})
    elif name:
        console.data(f"{found['process_template_id']}: {found['title']}")
        for text in _process(found["stages"], {}):
            console.data(text)
    else:
        for each in found[noun]:
            steps = each["step_count"]
            console.data(f"{each['process_template_id']}: {each['title']}, {steps} steps")


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))


def _read(district: str, path: str, url: str, token: str) -> Any:
    asked = read(addresses(url), _token(district, token), district, path, PROGRAMS)
    return asyncio.run(asked)


def _line(program: Mapping[str, Any]) -> str:
    led = ", ".join(each["lead_id"] for each in program["leads"])
    of = f" by {program['template']}" if program["template"] else ""
    year = program["school_year"]
    said = f"{program['program_id']}: {program['name']}, {program['state']}, {year - 1}-{year}"
    return f"{said}{of}, led by {led}"


def _size(size: Mapping[str, Any]) -> str:
    count = size["enrolled_count"]
    told = f"fewer than {size['small_n']}" if count is None else count
    return f"teachers enrolled: {told}"


def _process(stages: list[Any], differs: Mapping[str, Any]) -> Iterator[str]:
    for stage in stages:
        yield stage["title"]
        for step in stage["steps"]:
            other = differs.get(step["step_id"])
            told = f"; {other['deviation']}: {other['reason']}" if other else ""
            often = f", every {step['repeats_after']} days" if step["repeats_after"] else ""
            who = f"({step['actor']}, {step['need']}{often})"
            yield f"  {step['step_id']}: {step['title']} {who}{told}"
