"""What a service says where it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class FieldError:
    """A place in the request that is wrong. `field` is its path (`items[0].text`), `code` a stable
    word for what is wrong with it, `detail` a text."""

    field: str
    code: str
    detail: str


class TandemError(Exception):
    """A call that was refused, or failed.

    `code` is stable: branch on it (docs/errors.md has them all). Where no service has said one,
    since none was reached or the time was over, it is the status in lower case (`unavailable`).
    `detail` is a text, `fields` what is wrong in the request, `retry_after` the seconds after which
    the same may be sent again where the service has named them, `trace_id` what to report it by.
    `request_id` is the id under which a change was sent: to find out whether it was done, send it
    again under that id.
    """

    def __init__(
        self,
        status: grpc.StatusCode,
        code: str,
        detail: str,
        *,
        fields: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
        trace_id: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(code, detail, fields)
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = fields
        self.retry_after = retry_after
        self.trace_id = trace_id
        self.request_id = request_id

    def __str__(self) -> str:
        places = "".join(f"\n  {each.field}: {each.detail}" for each in self.fields)
        return f"{self.code}: {self.detail}{places}"

    @property
    def passing(self) -> bool:
        """Whether the same may be answered later: a service is away, or has too much to do. Then it
        is CANCELLED, too, by grpc itself: who cancels a call of hers gets no TandemError. A stream
        whose token has ended goes on with the next one."""
        if self.code == "token_ended":
            return True
        if self.status is grpc.StatusCode.RESOURCE_EXHAUSTED:  # else it is too large
            return self.retry_after is not None
        return self.status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def error_of(error: Any, request_id: str = "") -> TandemError:
    """What a `grpc.RpcError` of a call, of asyncio or not, says."""
    status: grpc.StatusCode = error.code()
    code, trace_id, retry_after = "", "", None
    fields: tuple[FieldError, ...] = ()
    for name, value in error.trailing_metadata() or ():
        if name != _DETAILS:
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                code, trace_id = info.reason.lower(), info.metadata.get("trace_id", "")
            elif detail.Unpack(bad):
                fields = tuple(
                    FieldError(each.field, each.reason.lower(), each.description)
                    for each in bad.field_violations
                )
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.ToNanoseconds() / 1e9
    return TandemError(
        status,
        code or status.name.lower(),
        error.details() or "",
        fields=fields,
        retry_after=retry_after,
        trace_id=trace_id,
        request_id=request_id,
    )
