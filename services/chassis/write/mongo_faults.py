"""What a driver error means to the write side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import BulkWriteError, DocumentTooLarge, PyMongoError, refusal
from services.chassis.mongo_meaning import passes, too_large

DUPLICATE_KEY = 11000


@contextmanager
def reading(then: str = "Try again.") -> Iterator[None]:
    """Turn what passes by itself (`mongo_meaning`) into Fault UNAVAILABLE `store_unavailable`,
    which says what to do `then`, and a refusal of the user into MongoUnavailable. Every other
    error goes through: it is a defect or a wrong setting."""
    try:
        yield
    except PyMongoError as error:
        if refused := refusal(error):
            raise refused from error
        if not passes(error):
            raise
        raise Fault(Kind.UNAVAILABLE, "store_unavailable", then) from error


@contextmanager
def writing() -> Iterator[None]:
    """As `reading`, with the code `outcome_unknown`: the write may have been done. A
    document over 16 MB becomes Fault LIMITED `document_too_large`."""
    try:
        yield
    except DocumentTooLarge as error:  # noticed by the driver; not a PyMongoError
        raise _too_large() from error
    except PyMongoError as error:
        if too_large(error):
            raise _too_large() from error
        if refused := refusal(error):
            raise refused from error
        if not passes(error):
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


def _too_large() -> Fault:
    return Fault(Kind.LIMITED, "document_too_large", "The resource has reached its largest size.")
