"""The goals service without what watches it: no span, no metric, no log line. Everything else
is as it ships, the headers of an answer included. There is no such setting, on purpose."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.assembly import process
from services.chassis import logs
from services.chassis.edge import http
from services.chassis.edge.admission import Admission
from services.chassis.edge.http_observe import _ALWAYS, _UNLESS_SET
from services.goals.bootstrap import INDEXES, NAME, build
from services.goals.settings import Settings


class Unobserved:
    """In the place of `http_observe.Observe`."""

    def __init__(self, app: ASGIApp, admission: Admission, **_: object) -> None:
        self._app, self._admission = app, admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        let_in = scope.pop("tandem.let_in", None)
        if let_in is not None:
            self._admission.came(let_in)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = (b"x-request-id", b"")
                message["headers"] = [*message["headers"], own, *_ALWAYS, *_UNLESS_SET]
            await send(message)

        await self._app(scope, receive, sending)


setattr(http, "Observe", Unobserved)  # noqa: B010 - the module has no such export to assign
logs.setup = lambda *_: None
process.run_service(NAME, Settings, build, INDEXES)
