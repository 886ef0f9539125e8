"""Topics and indexes, as the services need them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module


async def ensure_indexes(mongodb: str, databases: Mapping[str, str]) -> None:
    """Make the missing indexes of each service (service -> its database). Doing it again
    changes nothing. Raises the driver's errors and Fault UNAVAILABLE."""
    from services.access.districts import Districts
    from services.chassis.backing import kafka_mongo
    from services.chassis.settings import load

    for service, database in databases.items():
        bootstrap = import_module(f"services.{service}.bootstrap")
        settings = load(
            import_module(f"services.{service}.settings").Settings,
            environment="development",
            mongodb_uri=mongodb,
            mongodb_database=database,
        )
        backing = kafka_mongo(service, settings, bootstrap.INDEXES)
        assert backing.database is not None
        try:
            await bootstrap.build(settings, backing, districts=Districts()).backing.ensure_indexes()
        finally:
            backing.database.client.close()
