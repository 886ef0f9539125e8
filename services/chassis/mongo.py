"""The one place that imports the MongoDB driver.

Motor's bug fixes have ended: going over to PyMongo's own async client is a change to this
file. Everyone else takes `Database`, `Collection` and `Session` from here.
"""

from __future__ import annotations

from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorChangeStream,
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.monitoring import CommandListener
from pymongo.operations import DeleteOne, IndexModel, UpdateOne
from pymongo.read_concern import ReadConcern

Client = AsyncIOMotorClient[dict[str, Any]]
Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
Session = AsyncIOMotorClientSession
ChangeStream = AsyncIOMotorChangeStream

TIMEOUT_MS = 5_000


def connect(uri: str, app: str, listeners: tuple[CommandListener, ...] = ()) -> Client:
    """A client for the running event loop: majority writes and reads from the primary,
    every operation bounded by 5 s. Makes no connection yet; never raises for a dead server.
    """
    return AsyncIOMotorClient(
        uri,
        appname=app,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=2_000,
        timeoutMS=TIMEOUT_MS,
        maxPoolSize=50,
        waitQueueTimeoutMS=1_000,
        event_listeners=list(listeners),
    )


def database(client: Client, name: str) -> Database:
    """The service's own database, times as aware UTC datetimes."""
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    return client.get_database(
        name,
        codec_options=options,
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern("majority"),
        read_concern=ReadConcern("majority"),
    )


__all__ = [
    "AutoReconnect",
    "BulkWriteError",
    "ChangeStream",
    "Client",
    "Collection",
    "CommandListener",
    "ConnectionFailure",
    "Database",
    "DeleteOne",
    "DocumentTooLarge",
    "DuplicateKeyError",
    "ExecutionTimeout",
    "IndexModel",
    "NetworkTimeout",
    "OperationFailure",
    "PyMongoError",
    "Session",
    "UpdateOne",
    "WTimeoutError",
    "WriteConcernError",
    "connect",
    "database",
]
