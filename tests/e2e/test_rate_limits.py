"""A survey before running services, in a district whose addresses may ask only so often: a class
behind one address is let in, who goes on asking is told when to come again, and then it is true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from services.ctl.local.districts import write_districts
from services.ctl.local.stack import PortNumbers
from tests.support.asking import plain_client
from tests.support.coaching import MEASURE, Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

TEACHER = "teacher-0001"
STUDENTS = 20
FEW = {"per_second": 1, "burst": 2 * STUDENTS}  # the form and the answer of each
NAME = "surveys-few"


@pytest.fixture
async def limited(stack: RunningStack, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A second process of surveys, before which there is one proxy."""
    file = write_districts(tmp_path, {"north": {"rate_limits": {"address": FEW}}, "south": {}})
    told = {"ROLES": "api", "DISTRICTS_FILE": str(file), "TRUSTED_PROXIES": "1"}
    port = PortNumbers.free().rest
    stack.start("surveys", NAME, REST_PORT=str(port), **told)
    await stack.ready(NAME)
    async with plain_client(base_url=f"http://127.0.0.1:{port}", timeout=HANGS) as client:
        yield client
    await stack.end(NAME)


async def test_a_class_is_let_in_and_a_flood_is_not(
    north: Coaching, limited: httpx2.AsyncClient
) -> None:
    measure = await north.published_measure(TEACHER)
    survey, codes = await north.open_survey(TEACHER, measure, "class-0001", STUDENTS)
    path = f"/surveys/v1/districts/north/administrations/{survey}"

    async def student(code: str) -> tuple[int, int]:
        form = await limited.get(f"{path}/form", headers=behind("198.51.100.7"))
        value = form.json()["scales"][0]["values"][-1]
        sent = await answered(limited, path, "198.51.100.7", code, value)
        return form.status_code, sent.status_code

    assert await asyncio.gather(*map(student, codes)) == [(200, 204)] * STUDENTS
    flood = [await wrong_code(limited, path, "198.51.100.7") for _ in range(2 * STUDENTS)]
    refused = [each for each in flood if each.status_code == 429]
    assert {each.status_code for each in flood} <= {404, 429}
    assert refused
    assert {each.json()["code"] for each in refused} == {"too_many_requests"}
    assert {each.headers["retry-after"] for each in refused} == {"1"}
    assert (await wrong_code(limited, path, "198.51.100.8")).status_code == 404
    elsewhere = path.replace("north", "south")  # which has the usual limit
    assert (await wrong_code(limited, elsewhere, "198.51.100.9")).status_code == 404

    async def let_in() -> bool:
        return (await wrong_code(limited, path, "198.51.100.7")).status_code == 404

    await eventually(let_in)
    closed = await north.post(TEACHER, f"/surveys/v1/administrations/{survey}/close")
    assert closed["results"]["n_min"] == STUDENTS


def behind(address: str) -> dict[str, str]:
    """As the gateway adds it to what the caller has said."""
    return {"X-Forwarded-For": f"203.0.113.1, {address}"}


async def answered(
    client: httpx2.AsyncClient, path: str, address: str, code: str, value: int
) -> httpx2.Response:
    (item,) = MEASURE["items"]
    sheet = {"code": code, "answers": [{"item_id": item["item_id"], "value": value}]}
    return await client.post(f"{path}/responses", json=sheet, headers=behind(address))


async def wrong_code(client: httpx2.AsyncClient, path: str, address: str) -> httpx2.Response:
    return await answered(client, path, address, "0000-0000-0000", 1)
