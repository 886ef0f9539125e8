"""Three mongods as one replica set, whose primary can be killed or told to step down."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from services.ctl.engines import Engines
from services.ctl.engines.child import Child, Folder
from services.ctl.engines.mongod import _program
from services.ctl.engines.ports import HOST, accepts, pick_port
from tests.support.faults import FaultyEngines
from tests.support.waiting import eventually

NAME = "three"
ELECTION_MS = 2_000  # 10 s by default; an election is the same, only sooner


class ThreeNodes(FaultyEngines):
    """As `FaultyEngines`, but clients know the nodes themselves and no proxy."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ports = [pick_port() for _ in range(3)]
        self._nodes: dict[int, Child] = {}

    @property
    def addresses(self) -> Engines:
        hosts = ",".join(f"{HOST}:{port}" for port in self._ports)
        return Engines(self.kafka_proxy.address, f"mongodb://{hosts}/?replicaSet={NAME}", ())

    async def start_mongod(self) -> None:
        for port in self._ports:
            self._start(port)
        for port in self._ports:
            await eventually(partial(accepts, port), timeout=60)
        await asyncio.to_thread(self._initiate)
        await eventually(lambda: asyncio.to_thread(self._has_primary), timeout=60)

    def _start(self, port: int) -> None:
        folder = Folder(self.folder / f"mongod-{port}")
        (folder.path / "data").mkdir(exist_ok=True)
        options = {
            "--dbpath": folder.path / "data",
            "--bind_ip": HOST,
            "--port": port,
            "--replSet": NAME,
            "--wiredTigerCacheSizeGB": 0.25,
            "--oplogSize": 200,
        }
        flat = [str(part) for pair in options.items() for part in pair]
        quiet = ["--nounixsocket", "--quiet"]
        quiet += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        self._nodes[port] = Child(folder, "mongod", [_program(), *flat, *quiet])

    def _client(self, port: int) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            HOST,
            port,
            directConnection=True,
            serverSelectionTimeoutMS=2_000,
            socketTimeoutMS=20_000,
        )

    def _initiate(self) -> None:
        members = [{"_id": n, "host": f"{HOST}:{port}"} for n, port in enumerate(self._ports)]
        config = {
            "_id": NAME,
            "members": members,
            "settings": {"electionTimeoutMillis": ELECTION_MS},
        }
        with self._client(self._ports[0]) as client:
            client.admin.command("replSetInitiate", config)

    def _primary(self) -> int | None:
        for port, node in self._nodes.items():
            if node.returncode is not None:
                continue
            try:
                with self._client(port) as client:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return port
            except PyMongoError:
                continue
        return None

    def _has_primary(self) -> bool:
        return self._primary() is not None

    async def kill_primary(self) -> float:
        """kill -9 of the primary; seconds until another is there; then the dead one returns."""
        port = await asyncio.to_thread(self._primary)
        assert port is not None
        node = self._nodes.pop(port)
        node.kill()
        await node.stop()
        took = await self._elected()
        self._start(port)
        return took

    async def step_down(self) -> float:
        """The primary gives up its office; seconds until there is one again."""
        await asyncio.to_thread(self._step_down)
        return await self._elected()

    def _step_down(self) -> None:
        port = self._primary()
        assert port is not None
        with self._client(port) as client:
            try:
                client.admin.command({"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5})
            except (AutoReconnect, OperationFailure):
                return  # it hangs up on whoever told it, or nobody has caught up: try later

    async def _elected(self) -> float:
        began = time.monotonic()
        await eventually(lambda: asyncio.to_thread(self._has_primary), timeout=60)
        return time.monotonic() - began

    async def stop(self) -> None:
        for node in self._nodes.values():
            node.kill()
            await node.stop()
        await super().stop()
