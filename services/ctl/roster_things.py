"""What people enter beside the roster's files, from the command line: grants, covers, people,
matches; and orders to erase, of the privacy service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import typer

from services.ctl import console
from services.ctl.exits import Exit, Refused, Stop

Services = Mapping[str, str]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and report, change nothing.")]
NEVER = '"0"'  # a version that nothing has had: refused once all else was found right


async def send(
    services: Services,
    token: str,
    district: str,
    path: str,
    body: Any,
    method: str = "POST",
    of: str = "roster",
) -> Any:
    """Once; the answer's body. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        key = str(uuid4())
        answer = await api.send(token, method, of, path, body, key=key, district=district)
    return answer.body


async def read(services: Services, token: str, district: str, path: str, of: str = "roster") -> Any:
    """The answer's body. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        return (await api.send(token, "GET", of, path, district=district)).body


async def all_of(
    services: Services,
    token: str,
    district: str,
    noun: str,
    params: dict[str, str],
    of: str = "roster",
) -> list[Any]:
    """Those of a noun (plural) that `params` ask for, of all pages. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        return await api.pages(token, of, f"/{noun}", noun, params, district=district)


def show(
    district: str,
    noun: str,
    found: Sequence[Any],
    line: Callable[[Mapping[str, Any]], str],
    as_json: bool,
) -> None:
    """Those of a noun (plural) that were found, each on one line, or as one JSON object."""
    if as_json:
        console.as_json({"district": district, noun: found})
        return
    for each in found:
        console.data(line(each))
    if not found:
        console.data("none")


async def change(
    services: Services,
    token: str,
    district: str,
    thing: str,
    kept: Sequence[str],
    changed: Mapping[str, Any],
    dry_run: bool,
) -> Any:
    """Change what stands at a path, as it was read a moment ago: of the fields that are `kept`
    those that are not `changed` stay. `thing`: noun and id. The answer's body or, with `dry_run`,
    what it would be, as far as the service has found it right. Raises Stop."""
    known = await read(services, token, district, _path(thing))
    body = {**{each: known[each] for each in kept}, **changed}
    version = NEVER if dry_run else f'"{known["version"]}"'
    done = await _act(services, token, district, f"{_path(thing)}/change", body, version)
    return {**known, **changed} if done is None else done


async def end(
    services: Services, token: str, district: str, thing: str, body: Any, dry_run: bool
) -> Any:
    """End what stands at a path, as `change` changes it."""
    path = f"{_path(thing)}/end"
    if not dry_run:
        return await _act(services, token, district, path, body, "")
    known = await read(services, token, district, _path(thing))
    await _act(services, token, district, path, body, NEVER)
    return {**known, "state": "ended"}


async def known_people(
    services: Services, token: str, district: str, people: Sequence[str]
) -> Mapping[str, str]:
    """Their names, by id. Raises Stop where one of them is not in the roster."""
    found = {}
    for each in people:
        person = await read(services, token, district, _path(f"people/{each}"))
        if person["status"] != "active":
            raise Stop(Exit.REFUSED, f"{each} is not in the roster any more")
        found[each] = f"{person['given_name']} {person['family_name']}"
    return found


async def check_orgs(services: Services, token: str, district: str, orgs: Sequence[str]) -> None:
    """Raises Stop where one of them is not in the roster."""
    if not orgs:
        return
    known = {each["org_id"] for each in await all_of(services, token, district, "orgs", {})}
    for each in orgs:
        if each not in known:
            raise Stop(Exit.REFUSED, f"there is no org {each} in the roster")


def tell(
    thing: Mapping[str, Any],
    line: Callable[[Mapping[str, Any]], str],
    as_json: bool,
    dry_run: bool = False,
) -> None:
    """What was changed, on one line, or as one JSON object; with `dry_run` what would be."""
    if as_json:
        console.as_json({**thing, "dry_run": True} if dry_run else thing)
    else:
        console.data(f"would be {line(thing)}" if dry_run else line(thing))


async def _act(
    services: Services, token: str, district: str, path: str, body: Any, if_match: str
) -> Any:
    """The answer's body; None where nothing but the version was wrong, which nothing has had."""
    from services.ctl.client import open_api

    key = "" if if_match == NEVER else str(uuid4())
    async with open_api(services) as api:
        try:
            answer = await api.send(
                token, "POST", "roster", path, body, key=key, if_match=if_match, district=district
            )
        except Refused as refused:
            if if_match != NEVER or refused.problem != "stale_version":
                raise
            return None
    return answer.body


def _path(thing: str) -> str:
    noun, _, name = thing.partition("/")
    return f"/{noun}/{quote(name, safe='')}"
