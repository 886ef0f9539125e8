"""Who is answered at the one address: it hands out tokens, so nobody from elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.edge.http_problem import problem

_ANSWERS = {  # of what is no service's
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}
_ELSEWHERE = HTTPStatus.MISDIRECTED_REQUEST


class Guard:
    """Answers nobody who has been led here by another site: neither under a name that is not this
    machine's, nor a change that another origin's page asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        scope["tandem.request_id"] = uuid4().hex

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                more = [each for each in _ANSWERS.items() if each[0] not in present]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        host = request.headers.get("host", "")
        if not is_ours(host):
            detail = "Use 127.0.0.1 or localhost: other names are not answered."
            answer = problem(request, _ELSEWHERE, "unknown_host", "Another host", detail)
            await answer(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)


def is_ours(host: str) -> bool:
    """Whether a host, with its port or without, names this machine: another name may be anybody's,
    also if it leads here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(origin: str) -> str:
    """The host of an origin, with its port; empty where it is none: a header may say anything."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def same_origin(request: Request) -> bool:
    """Whether no page of another origin asks for it."""
    origin = request.headers.get("origin")
    return origin is None or host_of(origin) == request.headers.get("host")
