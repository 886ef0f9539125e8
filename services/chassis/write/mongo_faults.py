"""What a driver error means to the write side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    refusal,
)

_TOO_LARGE = {10334, 17419}  # BSONObjectTooLarge; an update whose result is too large
DUPLICATE_KEY = 11000


@contextmanager
def reading() -> Iterator[None]:
    """Turn a database that cannot be reached in time into Fault UNAVAILABLE
    `store_unavailable`, and a refusal into MongoUnavailable. Every other error passes: it is a
    defect or a wrong setting."""
    try:
        yield
    except PyMongoError as error:
        if refused := refusal(error):
            raise refused from error
        if not _transient(error):
            raise
        raise Fault(Kind.UNAVAILABLE, "store_unavailable", "Try again.") from error


@contextmanager
def writing() -> Iterator[None]:
    """As `reading`, with the code `outcome_unknown`: the write may have been done. A
    document over 16 MB becomes Fault LIMITED `document_too_large`."""
    try:
        yield
    except DocumentTooLarge as error:  # noticed by the driver; not a PyMongoError
        raise _too_large() from error
    except PyMongoError as error:
        if isinstance(error, OperationFailure) and error.code in _TOO_LARGE:
            raise _too_large() from error
        if refused := refusal(error):
            raise refused from error
        if not _transient(error):
            raise
        raise Fault(
            Kind.UNAVAILABLE, "outcome_unknown", "Try again with the same idempotency key."
        ) from error


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether a bulk insert failed for nothing but ids that were there already."""
    details = error.details
    return not details.get("writeConcernErrors") and all(
        each["code"] == DUPLICATE_KEY for each in details.get("writeErrors", [])
    )


def _transient(error: PyMongoError) -> bool:
    # Selection, pool and socket timeouts and "not primary" are all ConnectionFailures.
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WriteConcernError):
        return True
    if isinstance(error, BulkWriteError) and error.details.get("writeConcernErrors"):
        return True
    return error.timeout or error.has_error_label("RetryableWriteError")


def _too_large() -> Fault:
    return Fault(Kind.LIMITED, "document_too_large", "The resource has reached its largest size.")
