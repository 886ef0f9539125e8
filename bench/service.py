"""Processes under test: our services with everything on, and bare floors."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from bench.events import DISTRICT, YEAR, coach_of, teacher_id
from bench.stage import FOLDER, ROOT
from services.assembly.registry import SERVICES
from services.ctl.engines import Engines
from services.ctl.local import keys
from services.ctl.local.districts import write_districts
from services.ctl.local.ensure import ensure_indexes as ensure_all_indexes
from services.ctl.local.stack import PortNumbers

KEYS = FOLDER / "keys"


class Server:
    """A running process and the port that it answers on."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], ports: PortNumbers) -> None:
        self.name, self.process, self.ports = name, process, ports

    @property
    def pid(self) -> int:
        return self.process.pid


@asynccontextmanager
async def server(
    name: str, module: str, env: Mapping[str, str], cores: str = "", ready: str = ""
) -> AsyncIterator[Server]:
    """`python -m MODULE` until the end of the block, pinned to `cores`. Waits until `ready`
    answers: a path on the internal port, else one on the REST port."""
    ports = PortNumbers.free()
    FOLDER.mkdir(parents=True, exist_ok=True)
    told = {
        "REST_PORT": str(ports.rest),
        "GRPC_PORT": str(ports.grpc),
        "INTERNAL_PORT": str(ports.internal),
        "LEAVE_SECONDS": "0",
    }
    process = _started(name, module, {**told, **env}, cores)
    address = f"{ports.internal}{ready}" if ready else f"{ports.rest}/"
    try:
        await _answers(f"http://127.0.0.1:{address}", process, name)
        yield Server(name, process, ports)
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 15)
        except subprocess.TimeoutExpired:
            process.kill()


def _started(name: str, module: str, env: Mapping[str, str], cores: str) -> subprocess.Popen[bytes]:
    pinned = ["taskset", "-c", cores] if cores else []
    with (FOLDER / f"{name}.log").open("wb") as log:
        command = [*pinned, sys.executable, "-m", module]
        return subprocess.Popen(
            command, env={**os.environ, **env}, cwd=ROOT, stdout=log, stderr=log
        )


async def _answers(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    def asked() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError as error:
            return error.code == 404
        except OSError:
            return False

    async with asyncio.timeout(60):
        while not await asyncio.to_thread(asked):
            if process.poll() is not None:
                raise SystemExit(f"{name} ended: see {FOLDER.name}/{name}.log")
            await asyncio.sleep(0.1)


def service(
    name: str,
    engines: Engines,
    *,
    cores: str = "",
    label: str = "",
    module: str = "",
    **told: str,
) -> Any:
    """One of our services as it ships: production settings but for the issuer of tokens.
    `module`: run this instead, with the same settings."""
    districts = write_districts(FOLDER, {DISTRICT: {}})
    env = {
        "ENVIRONMENT": "development",
        "HOST": "127.0.0.1",
        "MONGODB_DATABASE": SERVICES[name].database,
        "DISTRICTS_FILE": str(districts),
        "LOG_LEVEL": "info",
        **engines.environment(),
        **told,
    }
    return server(label or name, module or f"services.{name}", env, cores, ready="/readyz")


async def ensure_indexes(name: str, engines: Engines, database: str = "") -> None:
    """As `tandem indexes ensure` does for one service."""
    wanted = database or SERVICES[name].database
    await ensure_all_indexes(engines.mongodb_uri, {name: wanted})


def token(person: str) -> str:
    return keys.sign(KEYS, DISTRICT, person)


def partner_token(*scopes: str) -> str:
    return keys.sign(KEYS, DISTRICT, "bench", scopes)


def access_rows(teachers: int) -> list[dict[str, Any]]:
    """The access view of a district, as its projector would have written it."""
    now = datetime.now(UTC)

    def person(each: str, role: str) -> dict[str, Any]:
        known = {"v": 1, "at": now, "active": True, "given": "Given", "family": each.title()}
        known["roles"] = [{"role": role, "org": "school-1", "begins": "", "ends": ""}]
        return {
            "_id": f"{DISTRICT}:{each}",
            "district": DISTRICT,
            "facts": {"person": {each: known}},
            "incomplete": {},
        }

    rows = []
    for number in range(teachers):
        row = person(teacher_id(number), "teacher")
        coach = {"v": 2, "at": now, "active": True, "coach": coach_of(number)}
        tie = {**coach, "year": YEAR, "told": False}
        row["facts"]["relationships"] = {f"relationship-{number:06d}": tie}
        rows.append(row)
    coaches = sorted({coach_of(number) for number in range(teachers)})
    return rows + [person(each, "ext:coach") for each in coaches]


def pin(engines: Engines, cores: str) -> None:
    """Keep the engines, all their threads, on these cores."""
    for engine in engines.running:
        subprocess.run(
            ["taskset", "-acp", cores, str(engine.process.pid)], check=True, capture_output=True
        )
