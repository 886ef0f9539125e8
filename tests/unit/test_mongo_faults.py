"""Which driver errors leave an outcome unknown, and which are defects."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import errors

from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import MongoUnavailable
from services.chassis.views.mongo_answers import answering
from services.chassis.views.rows import StoreDown
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.chassis.write.mongo_sealing import MongoSealingKey
from services.insights.ticket.mongo_tickets import MongoTickets


def bulk(codes: list[int], concern: bool = False) -> errors.BulkWriteError:
    details: dict[str, Any] = {
        "writeErrors": [{"code": code, "errmsg": "x"} for code in codes],
        "writeConcernErrors": [{"code": 64, "errmsg": "timed out"}] if concern else [],
    }
    return errors.BulkWriteError(details)


UNKNOWN = [
    errors.AutoReconnect("gone"),
    errors.NetworkTimeout("slow"),
    errors.NotPrimaryError("stepped down"),
    errors.ServerSelectionTimeoutError("none"),
    errors.WaitQueueTimeoutError("pool"),
    errors.ExecutionTimeout("over time", 50),
    errors.WTimeoutError("no majority", 64),
    errors.WriteConcernError("not replicated", 100),
    bulk([11000], concern=True),
]
# as the server tells them where the driver has no class for them, and there is no label
INTERRUPTED = [6, 7, 24, 89, 91, 112, 134, 175, 189, 202, 237, 246, 262, 279, 290, 462, 9001]
INTERRUPTED += [10107, 11600, 11601, 11602, 13435, 13436, 46841]
LABELS = ["RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult"]
LABELS += ["RetryableError", "SystemOverloadedError"]
UNKNOWN += [errors.CursorNotFound("gone", 43), bulk([189]), bulk([11000, 10107])]
UNKNOWN += [errors.OperationFailure("not now", code) for code in INTERRUPTED]
UNKNOWN += [errors.WriteError("Not primary while writing", code) for code in INTERRUPTED]
UNKNOWN += [errors.OperationFailure("x", 251, {"errorLabels": [label]}) for label in LABELS]
DEFECTS = [
    errors.OperationFailure("no such command", 59),
    errors.ConfigurationError("wrong"),
    errors.OperationFailure("no such transaction", 251, {"errorLabels": ["NoWritesPerformed"]}),
    errors.WriteError("not as it shall be", 121),
    bulk([121]),
]


def named(error: object) -> str:
    return f"{type(error).__name__}-{getattr(error, 'code', None)}"


@pytest.mark.parametrize("error", UNKNOWN, ids=named)
def test_an_outcome_that_is_not_known_is_said_to_be(error: errors.PyMongoError) -> None:
    with pytest.raises(Fault) as written, writing():
        raise error
    assert (written.value.kind, written.value.code) == (Kind.UNAVAILABLE, "outcome_unknown")
    with pytest.raises(Fault) as read, reading():
        raise error
    assert (read.value.kind, read.value.code) == (Kind.UNAVAILABLE, "store_unavailable")


@pytest.mark.parametrize("error", DEFECTS, ids=named)
def test_a_defect_is_not_hidden(error: errors.PyMongoError) -> None:
    with pytest.raises(type(error)), writing():
        raise error
    with pytest.raises(type(error)), reading():
        raise error


@pytest.mark.parametrize("error", UNKNOWN, ids=named)
def test_who_keeps_views_waits_for_what_may_pass(error: errors.PyMongoError) -> None:
    with pytest.raises(StoreDown, match=type(error).__name__), answering():
        raise error


@pytest.mark.parametrize("code", [13, 18])
def test_a_refusal_is_told_to_the_operator(code: int) -> None:
    error = errors.OperationFailure("not for you, full error: {}", code)
    for wrapped in (reading, writing, answering):
        with (
            pytest.raises(MongoUnavailable, match="OperationFailure: not for you: look"),
            wrapped(),
        ):
            raise error


@pytest.mark.parametrize(
    "error",
    [errors.DocumentTooLarge("17 MB"), errors.WriteError("17 MB", 17419)],
    ids=["before it is sent", "by the server"],
)
def test_a_document_that_is_too_large_is_a_bound(error: Exception) -> None:
    with pytest.raises(Fault) as fault, writing():
        raise error
    assert (fault.value.kind, fault.value.code) == (Kind.LIMITED, "document_too_large")


def test_only_ids_that_were_there_already_may_be_ignored() -> None:
    assert only_duplicates(bulk([11000, 11000]))
    assert not only_duplicates(bulk([11000, 121]))
    assert not only_duplicates(bulk([11000], concern=True))


class Gone:
    """Stands for a database and its collections: nothing comes back."""

    def __getitem__(self, name: str) -> Gone:
        return self

    async def _fails(self, *_: object, **__: object) -> None:
        raise errors.AutoReconnect("gone")

    find_one_and_update = find_one_and_delete = _fails


async def test_who_has_no_idempotency_key_is_not_told_to_send_it_again() -> None:
    """What a read may do besides: make a key, use up a ticket."""
    gone: Any = Gone()
    with pytest.raises(Fault) as sealing:
        await MongoSealingKey(gone).key()
    assert (sealing.value.code, sealing.value.detail) == ("store_unavailable", "Try again.")
    with pytest.raises(Fault) as ticket:
        await MongoTickets(gone).take("digest", "watch_caseload")
    assert (ticket.value.kind, ticket.value.code) == (Kind.UNAVAILABLE, "store_unavailable")
    assert ticket.value.detail == "The ticket may be used up. Ask for a new one."
