"""What people enter beside the roster's files, from the command line: grants, covers, people,
matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from services.ctl import console

Services = Mapping[str, str]


async def send(
    services: Services, token: str, district: str, path: str, body: Any, method: str = "POST"
) -> Any:
    """Once; the answer's body. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        key = str(uuid4())
        answer = await api.send(token, method, "roster", path, body, key=key, district=district)
    return answer.body


async def read(services: Services, token: str, district: str, path: str) -> Any:
    """The answer's body. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        return (await api.send(token, "GET", "roster", path, district=district)).body


async def all_of(
    services: Services, token: str, district: str, noun: str, params: dict[str, str]
) -> list[Any]:
    """Those of a noun (plural) that `params` ask for, of all pages. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        return await api.pages(token, "roster", f"/{noun}", noun, params, district=district)


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
) -> Any:
    """Change what stands at a path, as it was read a moment ago: of the fields that are `kept`
    those that are not `changed` stay. `thing`: noun and id. The answer's body. Raises Stop."""
    from services.ctl.client import open_api

    noun, _, name = thing.partition("/")
    path = f"/{noun}/{quote(name, safe='')}"
    async with open_api(services) as api:
        known = (await api.send(token, "GET", "roster", path, district=district)).body
        answer = await api.send(
            token,
            "POST",
            "roster",
            f"{path}/change",
            {**{each: known[each] for each in kept}, **changed},
            key=str(uuid4()),
            if_match=f'"{known["version"]}"',
            district=district,
        )
    return answer.body
