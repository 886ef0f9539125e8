"""What devices may do that were offline: each command is what its operation lets its caller do, so
that whoever is in the roster may send some."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from services.access.policy import Policy
from services.assembly.sync.bodies import SyncBatch
from services.assembly.sync.cases import sync_commands
from services.assembly.sync.commands import Commands
from services.assembly.sync.ports import Ports
from services.assembly.sync.resources import SyncAnswersResource
from services.chassis.call import Call
from services.chassis.edge.operation import Table, apart

HERS = Policy(staff=True)


def sync_of(service: str, tables: Mapping[str, Table[Any, Policy]]) -> Table[Ports, Policy]:
    """Over the operations of a service's rooms. Its RPC service is the one of its own
    `sync.proto`."""
    messages = import_module(f"coaching.{service}.v1.sync_pb2")
    rpcs = import_module(f"coaching.{service}.v1.sync_pb2_grpc")
    commands = Commands(tables)

    async def sync(ports: Ports, call: Call, asked: SyncBatch) -> SyncAnswersResource:
        """Do what a person did on a device that was offline, each command as if sent alone.

        One that is wrong keeps back no other, and one that comes again is done once. Each counts
        for the caller's limit."""
        return await sync_commands(commands, ports, call, asked)

    return Table(
        service,
        messages.DESCRIPTOR.services_by_name["SyncService"],
        rpcs.add_SyncServiceServicer_to_server,
        apart(sync, "POST", "/sync", HERS),
    )
