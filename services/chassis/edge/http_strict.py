"""What comes in over HTTP is bounded, JSON by our rules, and answered only when decided."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from functools import cached_property
from typing import Any

from fastapi import Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import BaseModel

from services.chassis.edge import deadline, strict_json
from services.chassis.edge.admission import Urgency
from services.chassis.edge.gate import Gate
from services.chassis.edge.http_call import (
    anonymous_caller,
    check_stranger,
    identify,
    take_ticket,
    ticketed_caller,
)
from services.chassis.edge.http_headers import header
from services.chassis.edge.http_problem import FaultInBody, problem
from services.chassis.edge.http_protocol import ARRIVED
from services.chassis.edge.shares import STRANGER, holder_of, urgency_of
from services.chassis.edge.sizes import MAX_ANONYMOUS, MAX_BODY
from services.chassis.kernel import Fault, Kind, invalid

Handle = Callable[[Request], Coroutine[Any, Any, Response]]

BODY_SECONDS = 30.0  # for all of a body


class StrictRequest(Request):
    """Reads at most the route's limit and parses by `strict_json`."""

    limit = MAX_BODY

    async def stream(self) -> AsyncGenerator[bytes, None]:
        length = header(self.scope, b"content-length")
        if length is not None and (
            not length.isdecimal() or len(length) > 18 or int(length) > self.limit
        ):
            raise FaultInBody(_too_large(self.limit))
        if hasattr(self, "_body"):
            yield self._body
            return
        seen, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":  # nobody hears the answer: no fault of ours
                raise FaultInBody(invalid("body_cut_short", "The body did not all arrive."))
            chunk, more = message.get("body", b""), message.get("more_body", False)
            seen += len(chunk)
            if seen > self.limit:
                raise FaultInBody(_too_large(self.limit))
            if chunk:
                yield chunk

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict_json.parse(await self.body(), self.limit)
            except Fault as fault:
                raise FaultInBody(fault) from None
        return self._json


def _strict(plain: Request) -> StrictRequest:
    """A table's operation gets one that is strict already."""
    if isinstance(plain, StrictRequest):
        return plain
    return StrictRequest(plain.scope, plain.receive)


def _too_large(limit: int) -> Fault:
    return Fault(Kind.TOO_LARGE, "too_large", f"The body is larger than {limit} bytes.")


class StrictRoute(APIRoute):
    """The route class of all services. Who calls, and whether she may be here at all, is asked
    before the body is awaited or parsed; once it is there, she holds a share of the process.
    `max_body_size=` on a route replaces the default limit, and lifts the one on the time that an
    answer takes: the operation takes a body that is not JSON by itself. A body that has a default
    may be left away, and its media type with it. A query parameter that the operation does not have
    is refused, as a field of a body is, and so is a body where none is taken, unless it is `{}`,
    which says nothing. The answer of an operation on which no access decision fell becomes a
    500."""

    gate: Gate  # which it is behind, once it is in an application
    urgency = Urgency.ORDINARY
    answer: Handle  # all of it
    makes_call = False  # whether it makes a call without one of FastAPI's dependencies
    versioned = False  # whether it makes one that must say which version it saw
    acted: type[BaseModel] | None = None  # what it answers with what is `allowed`, of `actions`
    actions: Sequence[str] = ()
    tells_version = False  # by ETag
    paged = False
    conditional = False  # whether it is answered with 304 to who has it: see `http_conditional`

    def __init__(self, *args: Any, max_body_size: int | None = None, **more: Any) -> None:
        self.body_limit = max_body_size
        super().__init__(*args, **more)
        # a `$` would let a line break behind an id go unnoticed, and a `.` would not see one in it
        pattern = self.path_regex.pattern.removesuffix("$")
        self.path_regex = re.compile(rf"{pattern}\Z", re.DOTALL)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of those of its query."""
        taken = get_flat_params(self.dependant)
        return frozenset(each.alias for each in taken if isinstance(each.field_info, params.Query))

    def answering(self) -> Handle:
        """What answers a request once it may be answered."""
        return super().get_route_handler()

    def get_route_handler(self) -> Handle:
        handle = self.answering()
        takes_body = self.body_field is not None
        wants_json = self.body_field is not None and not isinstance(
            self.body_field.field_info, params.Form
        )
        needs_json = self.body_field is not None and self.body_field.field_info.is_required()
        parameters = self.parameters
        callers = {each.call for each in self.dependant.dependencies}
        self.anonymous, ticketed = anonymous_caller in callers, ticketed_caller in callers
        if self.anonymous:
            self.urgency = Urgency.STRANGER
        anonymous, operation = self.anonymous, str(self.operation_id)

        async def strict(plain: Request) -> Response:
            request = _strict(plain)
            gate = self.gate
            request.limit = self.body_limit or gate.settings.max_body_bytes
            if anonymous:
                request.limit = min(request.limit, MAX_ANONYMOUS)
            room, urgency = gate.room, self.urgency
            # what is received and read for long, and little at a time, has no limit on its answer
            seconds = None if self.body_limit else deadline.ANSWER_SECONDS
            async with deadline.InTime(seconds) as in_time:
                if ticketed:
                    await take_ticket(request.scope, gate, operation)
                principal = None
                if anonymous:
                    check_stranger(request.scope, gate, request.path_params.get("district_id", ""))
                else:
                    principal = await identify(request.scope, gate, urgency)
                check_parameters(request)
                if needs_json or not _is_empty(request):
                    known = principal is None or await room.admits(principal, operation)
                    if self.body_limit and not wants_json:
                        pass  # the operation takes it by itself
                    elif ARRIVED in request.scope:
                        await body_of(request)
                    else:
                        arrival = room.arrival(BODY_SECONDS, principal, known)
                        with in_time.apart():
                            async with arrival:
                                await body_of(request)
                holder = STRANGER
                if principal is not None:
                    holder, urgency = holder_of(principal), urgency_of(principal, urgency)
                with room.request(holder):
                    if self.body_limit:
                        response = await handle(request)
                    else:
                        async with room.admission.work(urgency):
                            response = await handle(request)
            call = request.scope.get("tandem.call")
            if call is None or not call.decided:
                request.scope["tandem.error"] = "no_access_decision"
                return problem(request, 500, "no_access_decision", "Internal error")
            return response

        def check_parameters(request: StrictRequest) -> None:
            if request.scope["query_string"] and not parameters.issuperset(request.query_params):
                told = f"there are: {', '.join(sorted(parameters))}." if parameters else "none is."
                raise invalid("unknown_parameter", f"A query parameter is not known here; {told}")

        async def body_of(request: StrictRequest) -> None:
            if wants_json and not _is_json(request):
                raise Fault(
                    Kind.UNSUPPORTED, "unsupported_media_type", "Send application/json, in UTF-8."
                )
            sent = await request.body()
            if not (takes_body or self.body_limit) and sent.strip() not in (b"", b"{}"):
                raise invalid("body_not_taken", "This operation takes no body.")
            if wants_json and not needs_json:
                await request.json()  # an empty one is none, whatever its default

        self.answer = strict
        return strict


def _is_empty(request: Request) -> bool:
    """Neither a body nor a word about one."""
    about = (b"content-type", b"transfer-encoding")
    length = header(request.scope, b"content-length") or "0"
    return length == "0" and not any(header(request.scope, name) for name in about)


def _is_json(request: Request) -> bool:
    sent = header(request.scope, b"content-type") or ""
    if sent == "application/json":
        return True
    kind, _, rest = sent.partition(";")
    charset = rest.strip().lower().removeprefix("charset=").strip('"')
    return kind.strip().lower() == "application/json" and charset in ("", "utf-8")
