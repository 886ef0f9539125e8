"""A process holds what its roles need."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx2
import pytest

from services.access.districts import District, Districts, OwnRoles
from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import load
from services.ctl.local.stack import PortNumbers
from tests.support.asking import plain_client
from tests.support.platform import BOOTSTRAPS
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
# What only an API needs, and what only answers or checks its callers: 20 MB.
API_ALONE = ("fastapi", "grpc", "joserfc", "httpx2", "services.assembly.api")
# As `__main__` does it, but that nothing runs.
PROGRAM = """
import asyncio, json, sys
import services.assembly.process, services.{service}.__main__
from services.chassis.backing import kafka_mongo
from services.chassis.runner import pick
from services.chassis.settings import load
from services.{service}.bootstrap import INDEXES, NAME, build
from services.{service}.settings import Settings

async def main():
    settings = load(Settings, environment="test")
    built = build(settings, kafka_mongo(NAME, settings, "any", INDEXES))
    print(json.dumps([sorted(pick(settings, built.roles)), sorted(sys.modules)]))

asyncio.run(main())
"""


async def made(service: str, roles: str) -> tuple[list[str], list[str]]:
    """The roles that such a process runs, and of what only an API needs what it imported."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM.format(service=service),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={"ROLES": roles},
    )
    out, _ = await process.communicate()
    picked, modules = json.loads(out)
    own = [each for each in modules if each.startswith(f"services.{service}.")]
    of_api = [each for each in own if each.endswith((".operations", ".entrypoints"))]
    return picked, [*of_api, *(each for each in API_ALONE if each in modules)]


@pytest.mark.parametrize("service", BOOTSTRAPS)
async def test_a_projector_alone_imports_nothing_of_an_api(service: str) -> None:
    picked, imported = await made(service, "projector")
    assert "projector.access" in picked
    assert {each.partition(".")[0] for each in picked} == {"projector"}
    assert imported == []


async def test_a_relay_alone_imports_nothing_of_an_api() -> None:
    assert await made("goals", "relay") == (["relay", "relay.bell"], [])


GOALS = (
    "celebration",
    "check_in",
    "framework",
    "goal",
    "measure",
    "share",
    "strategy",
    "take_out",
    "tree",
    "trial",
    "walk",
)


async def test_a_part_of_the_api_is_enough_to_import_it() -> None:
    picked, imported = await made("goals", "projector,api.rest")
    assert picked == ["api.rest", "projector.access", "projector.duties"]
    rooms = {f"services.goals.{room}.operations" for room in GOALS}
    assert set(imported) == {*API_ALONE, *rooms}


@pytest.mark.parametrize("service", BOOTSTRAPS)
async def test_the_internal_port_of_a_projector_alone_answers(service: str) -> None:
    ports = PortNumbers.free()
    settings = load(
        BOOTSTRAPS[service].Settings,
        environment="test",
        host="127.0.0.1",
        internal_port=ports.internal,
        roles="projector",
    )
    districts = Districts(
        {"north": District(time_zone="Pacific/Honolulu", roles=OwnRoles(leading=("ext:dean",)))}
    )
    built = BOOTSTRAPS[service].build(settings, memory(MemoryLog()), districts=districts)
    assert built.api is None
    stop = asyncio.Event()
    running = [
        asyncio.ensure_future(role(stop))
        for role in (built.internal, built.roles["projector.access"])
    ]
    try:
        async with plain_client(base_url=f"http://127.0.0.1:{ports.internal}") as client:

            async def told(path: str) -> str:
                try:
                    answer = await client.get(path)
                except httpx2.HTTPError:
                    return ""
                return answer.text if answer.is_success else ""

            async def counts() -> bool:
                return "tandem_projector_count" in await told("/metrics")

            await eventually(counts)
            assert json.loads(await told("/livez"))["status"] == "ok"
            assert json.loads(await told("/readyz"))["status"] == "ready"
            config = json.loads(await told("/config"))
            picked = sorted(each for each in built.roles if each.startswith("projector."))
            assert config["roles"] == picked
            assert config["mongodb_database"] == f"tandem_{service}"
            assert config["internal_host"] == "127.0.0.1"
            assert config["districts"]["north"]["time_zone"] == "Pacific/Honolulu"
            assert config["districts"]["north"]["roles"]["leading"] == ["ext:dean"]
    finally:
        stop.set()
        await asyncio.gather(*running)
