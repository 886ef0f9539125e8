"""The one place that imports the MongoDB driver.

Motor's bug fixes have ended: going over to PyMongo's own async client is a change to this
file. Everyone else takes `Database`, `Collection` and `MongoSession` from here.
"""

from __future__ import annotations

from typing import Any

import pymongo
from bson import decode
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import (
    AsyncIOMotorChangeStream,
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ReadPreference, ReturnDocument, WriteConcern
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
from pymongo.operations import DeleteOne, IndexModel, ReplaceOne, UpdateOne
from pymongo.read_concern import ReadConcern

from services.chassis.kernel import OperatorError
from services.chassis.tls import SYSTEM_TRUST, RenewedContext, TlsFiles

Client = AsyncIOMotorClient[dict[str, Any]]
Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
MongoSession = AsyncIOMotorClientSession
ChangeStream = AsyncIOMotorChangeStream

AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
TIMEOUT_MS = 5_000
PING_SECONDS = 1.0


REFUSALS = {13, 18}  # unauthorized, authentication failed


class MongoUnavailable(OperatorError):
    """MongoDB does not answer, or refuses this process: the text says which."""


NO_ADDRESS = (
    "no address of MongoDB: in user and password, characters such as @ : / % are percent-encoded"
)


def connect(
    uri: str,
    app: str,
    listeners: tuple[CommandListener, ...] = (),
    files: TlsFiles = SYSTEM_TRUST,
) -> Client:
    """A client for the running event loop: majority writes and reads from the primary,
    every operation bounded by 5 s. Makes no connection yet; never raises for a dead server.
    With `tls=true` in the address each new connection uses what `files` hold then; raises
    OSError where they cannot be read, PyMongoError for what is no address.
    """
    client: Client = AsyncIOMotorClient(
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
    options = client.delegate.options.pool_options
    if options._ssl_context is not None:
        # the driver reads files once; `tests/integration/test_guarded_engines.py` holds it to this
        options._PoolOptions__ssl_context = RenewedContext(files)
    return client


async def ping(own: Database) -> None:
    """Return once the database has answered. Raises MongoUnavailable, after about a second."""
    try:
        with pymongo.timeout(PING_SECONDS):
            await own.command("ping")
    except PyMongoError as error:
        raise refusal(error) or MongoUnavailable(f"MongoDB: {told(error)}") from error


def refusal(error: PyMongoError) -> MongoUnavailable | None:
    """What an operator is told where MongoDB refuses the user; None for any other error."""
    if isinstance(error, OperationFailure) and error.code in REFUSALS:
        return MongoUnavailable(f"MongoDB: {told(error)}: look at MONGODB_URI and the user's role")
    return None


def told(error: Exception) -> str:
    """What the driver says of an error, without what it says about itself."""
    text = str(error).partition(" (configured timeouts")[0].partition(", full error")[0]
    return f"{type(error).__name__}: {text[:300]}"


def database(client: Client, name: str) -> Database:
    """The service's own database, times as aware UTC datetimes."""
    return client.get_database(
        name,
        codec_options=AWARE,
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern("majority"),
        read_concern=ReadConcern("majority"),
    )


def raw(collection: Collection) -> AsyncIOMotorCollection[RawBSONDocument]:
    """The same collection, whose documents come as bytes (`raw`), not decoded yet."""
    as_bytes: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
    found: AsyncIOMotorCollection[Any] = collection.with_options(codec_options=as_bytes)
    return found


def decoded(document: bytes) -> dict[str, Any]:
    """A document's bytes as a collection of a service's `database` would give it."""
    return decode(document, AWARE)


__all__ = [
    "AWARE",
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
    "MongoSession",
    "MongoUnavailable",
    "NetworkTimeout",
    "OperationFailure",
    "PyMongoError",
    "ReplaceOne",
    "ReturnDocument",
    "UpdateOne",
    "WTimeoutError",
    "WriteConcernError",
    "connect",
    "database",
    "decoded",
    "ping",
    "raw",
    "refusal",
    "told",
]
