"""What an error means to a caller: one table from kinds to HTTP statuses and gRPC codes.

A body that is no JSON at all is 400; JSON that breaks the schema or a rule of the
resource is 422; both are INVALID_ARGUMENT over gRPC.
"""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from services.chassis.kernel import Fault, Kind

DOMAIN = "tandem"  # google.rpc.ErrorInfo.domain


@dataclass(frozen=True, slots=True)
class Telling:
    """How one kind of fault is told. `retry_after` is in seconds, 0 for never."""

    status: int
    code: grpc.StatusCode
    title: str
    retry_after: int = 0


ANSWERS: dict[Kind, Telling] = {
    Kind.INVALID: Telling(422, grpc.StatusCode.INVALID_ARGUMENT, "The request is not valid"),
    Kind.UNAUTHENTICATED: Telling(401, grpc.StatusCode.UNAUTHENTICATED, "No good token"),
    Kind.FORBIDDEN: Telling(403, grpc.StatusCode.PERMISSION_DENIED, "Not allowed"),
    Kind.NOT_FOUND: Telling(404, grpc.StatusCode.NOT_FOUND, "Not found"),
    Kind.CONFLICT: Telling(409, grpc.StatusCode.FAILED_PRECONDITION, "Not possible now"),
    Kind.STALE: Telling(412, grpc.StatusCode.ABORTED, "The resource has changed"),
    Kind.KEY_REUSED: Telling(422, grpc.StatusCode.INVALID_ARGUMENT, "The key was used before"),
    Kind.TOO_LARGE: Telling(413, grpc.StatusCode.RESOURCE_EXHAUSTED, "Too large"),
    Kind.UNSUPPORTED: Telling(415, grpc.StatusCode.INVALID_ARGUMENT, "Not a supported media type"),
    Kind.LIMITED: Telling(429, grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many requests", 10),
    Kind.OVERLOADED: Telling(503, grpc.StatusCode.RESOURCE_EXHAUSTED, "Try later", 1),
    Kind.UNAVAILABLE: Telling(503, grpc.StatusCode.UNAVAILABLE, "Try again", 1),
}

# Codes of the edge itself that HTTP tells apart more finely than their kind does.
_STATUS_OF_CODE = {
    "malformed_json": 400,
    "malformed_header": 400,
    "if_match_on_create": 400,
    "body_too_slow": 408,
    "precondition_required": 428,
}


def answer_of(fault: Fault) -> Telling:
    """The row for a fault."""
    row = ANSWERS[fault.kind]
    status = _STATUS_OF_CODE.get(fault.code)
    if status is None and not fault.retry_after:
        return row
    return Telling(status or row.status, row.code, row.title, fault.retry_after or row.retry_after)
