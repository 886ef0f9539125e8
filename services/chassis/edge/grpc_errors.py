"""Errors over gRPC: google.rpc.Status with ErrorInfo, and BadRequest or RetryInfo."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from services.chassis.edge.errors import DOMAIN, answer_of
from services.chassis.kernel import Fault, Kind
from services.chassis.tracing import current_traceparent

Trailers: TypeAlias = tuple[tuple[str, bytes], ...]
_DETAILS = "grpc-status-details-bin"
_INDEX = re.compile(r"\.(\d+)(?=\.|$)")
_MOST_IN_TEXT = 3  # it goes into a header, and so do all that are detailed
# Callers take 8 KiB of metadata. The details come as base64, a third more, the text among them;
# the text comes once more, each byte of what is not ASCII as three.
_MOST_BYTES = 3_600  # of violations
_TEXT_BYTES = 600


class Violations(Fault):
    """What breaks the schema of a request, all of it: `faults`, at least one, in the order of the
    fields. Its code and place are the first's; its text names the first few fields."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first, more = faults[0], len(faults) - _MOST_IN_TEXT
        told = [f"{field_path(each.place)}: {each.detail}" for each in faults[:_MOST_IN_TEXT]]
        if more > 0:
            told.append(f"and {more} more")
        text = "; ".join(told).encode()[:_TEXT_BYTES].decode(errors="ignore")
        super().__init__(Kind.INVALID, first.code, text, first.place)
        self.faults = tuple(faults)


async def abort(context: grpc.aio.ServicerContext[Any, Any], fault: Fault) -> NoReturn:
    """End the RPC with `fault`. Never repeats what was sent."""
    await _abort(context, *_told(fault))


def refusal(fault: Fault) -> Callable[[grpc.aio.ServicerContext[Any, Any]], Awaitable[NoReturn]]:
    """Ends an RPC with `fault` as `abort` does, but without a trace id: put together once, for
    where there are many."""
    code, text, details = _told(fault)
    trailers = _trailers(code, text, details)

    async def refuse(context: grpc.aio.ServicerContext[Any, Any]) -> NoReturn:
        await context.abort(code, text, trailers)

    return refuse


def _told(fault: Fault) -> tuple[grpc.StatusCode, str, list[Message]]:
    answer = answer_of(fault)
    details: list[Message] = [_info(fault.code)]
    if fault.kind is Kind.INVALID and fault.place:
        details.append(_bad_request(fault.faults if isinstance(fault, Violations) else (fault,)))
    if answer.retry_after:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromSeconds(answer.retry_after)
        details.append(retry)
    return answer.code, fault.detail or fault.code, details


def _bad_request(faults: Sequence[Fault]) -> error_details_pb2.BadRequest:
    """Of more than there is room for, the first ones."""
    bad = error_details_pb2.BadRequest()
    for each in faults:
        bad.field_violations.add(
            field=field_path(each.place), description=each.detail, reason=each.code
        )
        if bad.ByteSize() > _MOST_BYTES:
            bad.field_violations.pop()
            break
    return bad


async def abort_unknown(context: grpc.aio.ServicerContext[Any, Any], code: str) -> NoReturn:
    """End the RPC with INTERNAL: the caller learns the trace id and `code`, no more."""
    await _abort(context, grpc.StatusCode.INTERNAL, "Internal error", [_info(code)])


def field_path(pointer: str) -> str:
    """`/items/0/text` as `items[0].text`."""
    return _INDEX.sub(r"[\1]", pointer.lstrip("/").replace("/", "."))


def _info(code: str) -> error_details_pb2.ErrorInfo:
    trace_id = current_traceparent()[3:35]
    return error_details_pb2.ErrorInfo(
        reason=code.upper()[:63],
        domain=DOMAIN,
        metadata={"trace_id": trace_id} if trace_id else {},
    )


async def _abort(
    context: grpc.aio.ServicerContext[Any, Any],
    code: grpc.StatusCode,
    text: str,
    details: list[Message],
) -> NoReturn:
    await context.abort(code, text, _trailers(code, text, details))


def _trailers(code: grpc.StatusCode, text: str, details: list[Message]) -> Trailers:
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message=text)
    for each in details:
        packed = AnyMessage()
        packed.Pack(each)
        status.details.append(packed)
    return ((_DETAILS, status.SerializeToString()),)
