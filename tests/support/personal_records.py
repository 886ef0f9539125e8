"""What is held about a person, asked of every service as a records request does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from services.assembly.registry import WRITE_SERVICES
from tests.support.asking import Asks

OFFICER = {"role": "records_officer", "reason": "She has asked for it in writing."}


async def held(asks: Asks, token: str, person: str, page_size: int = 200) -> list[dict[str, Any]]:
    """Everything, each with its `service`, and its `content` read."""
    found: list[dict[str, Any]] = []
    for service in WRITE_SERVICES:
        page = ""
        while True:
            path = f"/{service}/v1/personal-records?person_id={person}&page_size={page_size}"
            answer = await asks.ask(token, "GET", f"{path}&page_token={page}")
            assert answer.status_code == 200, answer.text
            told = answer.json()
            for each in told["personal_records"]:
                found.append({**each, "service": service, "content": json.loads(each["content"])})
            page = told["next_page_token"]
            if not page:
                break
    return found


def where_named(state: Any, person: str, place: str = "") -> Iterator[str]:
    """The dotted places in a state at which a person stands."""
    if isinstance(state, Mapping):
        for name, value in state.items():
            yield from where_named(value, person, f"{place}.{name}".lstrip("."))
    elif isinstance(state, list | tuple):
        for each in state:
            yield from where_named(each, person, place)
    elif state == person:
        yield place
