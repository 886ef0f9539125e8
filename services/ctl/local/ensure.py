"""Topics and indexes, as the services need them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def bootstrap_of(service: str) -> Any:
    """The module where a service is put together."""
    return import_module(f"services.{service}.bootstrap")


async def ensure_indexes(mongodb: str, databases: Mapping[str, str]) -> None:
    """Make the missing indexes of each service (service -> its database). Doing it again
    changes nothing. Raises the driver's errors and Fault UNAVAILABLE."""
    from services.access.districts import Districts
    from services.chassis.backing import kafka_mongo
    from services.chassis.settings import load

    for service, database in databases.items():
        bootstrap = bootstrap_of(service)
        settings = load(
            bootstrap.Settings,
            environment="development",
            mongodb_uri=mongodb,
        )
        backing = kafka_mongo(service, settings, database, bootstrap.INDEXES)
        try:
            await bootstrap.build(settings, backing, districts=Districts()).backing.ensure_indexes()
        finally:
            backing.database.client.close()


async def missing_indexes(mongodb: str, service: str, database: str) -> list[str]:
    """Those of a service that are not there, or are other ones, as `collection.index`. Makes
    none. Raises as `ensure_indexes` does."""
    from services.chassis.indexes import only_looking

    with only_looking() as missing:
        await ensure_indexes(mongodb, {service: database})
    return missing
