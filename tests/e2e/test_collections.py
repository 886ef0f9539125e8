"""Every collection of the running services is one that the data schedule tells of."""

from __future__ import annotations

import re

from services.assembly.data_schedule import data_schedule
from services.assembly.registry import SERVICES
from services.chassis.mongo import connect, database
from tests.support.stack import RunningStack

_BUILD = re.compile(r"_\d+$")  # of a view that is not its first


async def test_every_collection_is_in_the_data_schedule(stack: RunningStack) -> None:
    known = data_schedule().stores.keys()
    client = connect(stack.stack.mongodb, "tandem-test")
    try:
        for service in SERVICES:
            own = database(client, f"{stack.databases}_{service}")
            found = {_BUILD.sub("", name) for name in await own.list_collection_names()}
            assert found >= {"access", "view_fences"}, service
            assert not found - known, service
    finally:
        client.close()
