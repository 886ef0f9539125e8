"""What a service says of an order of another's that it has carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from google.protobuf.message import Message

from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Fault, already_there
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent, WritePath

GIVEN = "given"


@dataclass(kw_only=True)
class Receipt(Aggregate):
    """Of the order `of` as of its version `of_version`: so many things were done for it."""

    of: str
    of_version: int
    done: int
    at: datetime


def receipt_codec(message: Callable[[Receipt], Message]) -> AggregateCodec[Receipt]:
    """`message` is what a service publishes of one."""
    return AggregateCodec("receipt", Receipt, partial(_encode, message))


def _encode(message: Callable[[Receipt], Message], receipt: Receipt, _: Any) -> EncodedEvent:
    return encoded(message(receipt), (f"{receipt.district}:{receipt.id}",))


async def give_receipt(
    path: WritePath[Receipt],
    call: Call,
    of: str,
    of_version: int,
    asked_at: datetime,
    done: int,
    at: datetime,
) -> None:
    """There is one for an order, version and time of each duty: the first that was given. After a
    restore another order may have the version that a lost one had, and wants one of its own."""
    which = (of, str(of_version), asked_at.isoformat())
    id_ = path.derived_id(call.district, call.operation, *which)
    new = Receipt(id=id_, district=call.district, of=of, of_version=of_version, done=done, at=at)
    new.record(GIVEN)
    try:
        await path.create(call, new)
    except Fault as fault:
        if not already_there(fault):
            raise
