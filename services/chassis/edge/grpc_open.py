"""Services of libraries that anybody may ask, such as health: bounded, nobody identified."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc

from services.chassis.edge import deadline
from services.chassis.edge.grpc_crowd import Crowd
from services.chassis.edge.grpc_edge import Context, Handler, lenient, message_of
from services.chassis.edge.grpc_errors import abort
from services.chassis.edge.shares import STRANGERS, Arrivals, Shares
from services.chassis.kernel import Fault

STREAMS = 200  # of answers, in the process
EACH = 8  # of one connection


class Bounded:
    """Stands for `server` before a generated `add_...Servicer_to_server`: a message must come
    in time, and one connection holds few streams. Nothing here counts for our own RPCs."""

    def __init__(self, server: grpc.aio.Server, crowd: Crowd) -> None:
        self._server, self._crowd = server, crowd
        self._arrivals = Arrivals(STRANGERS, STRANGERS)
        self._streams = Shares(STREAMS)

    def add_generic_rpc_handlers(self, handlers: object) -> None:
        """Adds nothing: generated code adds the same handlers by their methods next."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        bounded = {method: self._bounded(handler) for method, handler in handlers.items()}
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(service, bounded)]
        )

    def _bounded(self, handler: Handler) -> Handler:
        coders = (lenient(handler.request_deserializer or bytes), handler.response_serializer)
        if handler.unary_unary:
            return grpc.stream_unary_rpc_method_handler(self._once(handler.unary_unary), *coders)
        often = self._often(
            handler.unary_stream or handler.stream_stream, handler.request_streaming
        )
        return grpc.stream_stream_rpc_method_handler(often, *coders)

    def _once(self, inner: Any) -> Any:
        async def run(requests: AsyncIterator[Any], context: Context) -> Any:
            with self._crowd.works(context.peer()):
                return await inner(await self._message(context), context)

        return run

    def _often(self, inner: Any, streams_in: bool) -> Any:
        async def run(requests: AsyncIterator[Any], context: Context) -> None:
            peer = context.peer()
            with self._crowd.works(peer):
                given = requests if streams_in else await self._message(context)
                await answered(given, context, peer)

        async def answered(given: Any, context: Context, peer: str) -> None:
            try:
                with self._streams.hold({peer: EACH}):
                    answers = inner(given, context)
                    if hasattr(answers, "__aiter__"):
                        async for answer in answers:
                            await context.write(answer)
                    else:  # it writes by itself
                        await answers
            except Fault as fault:
                await abort(context, fault)

        return run

    async def _message(self, context: Context) -> Any:
        try:
            async with self._arrivals.wait(deadline.ANSWER_SECONDS):
                return await message_of(context)
        except Fault as fault:
            await abort(context, fault)
