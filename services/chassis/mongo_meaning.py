"""Which errors of the MongoDB driver pass by themselves: for all who read or write."""

from __future__ import annotations

from services.chassis.mongo import (
    BulkWriteError,
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

TOO_LARGE = frozenset({10334, 17419})  # BSONObjectTooLarge; an update whose result is too large
# The server's or the driver's own word that it is worth another try.
_LABELS = (
    "RetryableWriteError",
    "RetryableError",
    "SystemOverloadedError",
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
)
# What the server gives in neither a class of the driver's nor with a label: of writes without a
# retry of the driver's (`update_many`, `delete_many`), of reads, and of one of several writes. By
# the server's own categories (its error_codes.yml), with what stands in none.
_PASSING = frozenset(
    {6, 7, 89, 9001}  # network
    | {189, 10058, 10107, 13435, 13436}  # not primary
    | {91, 11600}  # shutdown
    | {24, 237, 279, 355, 11601, 11602, 46841}  # interruption
    | {50, 202, 262, 290, 407}  # time limit
    | {43, 136, 175, 314}  # cursor invalidated
    | {239, 246}  # snapshot
    | {134, 402}  # retriable
    | {433, 449, 462}  # overloaded
    | {112, 133, 216, 365}  # write conflict, no node to read of, election, temporarily unavailable
)


def passes(error: PyMongoError) -> bool:
    """Whether it may go by itself; until then nobody knows what has come of a write. Of several
    writes at once: whether one has failed for such a thing. Every other error is a refusal of the
    user (`mongo.refusal`), what the request itself brought about, or a defect."""
    # Selection, pool and socket timeouts and most of "not primary" are ConnectionFailures.
    if isinstance(error, ConnectionFailure | WriteConcernError) or error.timeout:
        return True
    if any(error.has_error_label(label) for label in _LABELS):
        return True
    if isinstance(error, BulkWriteError):
        written = [each["code"] for each in error.details.get("writeErrors", [])]
        return bool(error.details.get("writeConcernErrors") or _PASSING.intersection(written))
    return isinstance(error, OperationFailure) and error.code in _PASSING


def too_large(error: PyMongoError) -> bool:
    """Whether the server has refused a document for its size; it has written nothing."""
    return isinstance(error, OperationFailure) and error.code in TOO_LARGE
