"""Kafka and MongoDB for the tests: one pair per pytest session, apart from that of `make run`."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from services.chassis.mongo import Database, connect, database
from services.ctl.engines import Engines, start_engines

CACHE_GB = 0.25
# What a date has passed would go once a minute: tests whose dates are fixed would lose documents,
# some of the time. That a document has the date by which it is forgotten is what they look at.
FORGETS_NOTHING = ("--setParameter", "ttlMonitorEnabled=false")


@asynccontextmanager
async def engine_addresses() -> AsyncIterator[Engines]:
    """Engines on free ports with their data in a temporary folder, gone afterwards.

    KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI in the environment win over starting one.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-test-") as folder:
        started = await start_engines(
            Path(folder),
            None,
            None,
            mongodb_cache_gb=CACHE_GB,
            mongodb_switches=FORGETS_NOTHING,
        )
        try:
            yield started
        finally:
            await started.stop()


class _Shared:
    """Two conftests import the fixture, which makes it two fixtures: they share the engines."""

    def __init__(self) -> None:
        self.users = 0
        self.context = engine_addresses()
        self.engines: Engines | None = None


_shared = _Shared()


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Engines]:
    """The session's engines: `kafka_bootstrap_servers` and `mongodb_uri`."""
    if _shared.engines is None:
        _shared.context = engine_addresses()
        _shared.engines = await _shared.context.__aenter__()
    _shared.users += 1
    try:
        yield _shared.engines
    finally:
        _shared.users -= 1
        if _shared.users == 0:
            _shared.engines = None
            await _shared.context.__aexit__(None, None, None)


@pytest.fixture
async def db(engines: Engines) -> AsyncIterator[Database]:
    """A database of the test's own."""
    client = connect(engines.mongodb_uri, "test")
    name = f"test_{uuid4().hex[:12]}"
    try:
        yield database(client, name)
    finally:
        await client.drop_database(name)
        client.close()
