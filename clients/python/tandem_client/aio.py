"""The client for asyncio. It is `tandem_client.Client`, with `async` and `await`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Self, TypeVar

import grpc
from google.protobuf.message import Message

from coaching.insights.v1 import caseload_pb2
from coaching.journal.v1 import journal_pb2
from tandem_client.channel import OPTIONS, changed, metadata_of, target_of, with_id
from tandem_client.errors import TandemError, error_of
from tandem_client.retry import Retry

Asked = TypeVar("Asked", bound=Message)
Told = TypeVar("Told", bound=Message)


class Client:
    """A connection to a service, or to a gateway before several. Give `channel` to a generated
    stub, and the stub's methods to `call`, `pages`, `journal`,
    `follow_events` and `watch`.

    `address`: see `channel.target_of`. `token`: a JWT, or what is awaited for the present one
    before each attempt. `district`: where named, a token of another district is refused. `timeout`:
    seconds that an attempt may take; when they are over, the error has the code
    `deadline_exceeded`, and nothing is sent again. `authorities`: PEM certificates to trust instead
    of the usual ones."""

    def __init__(
        self,
        address: str,
        token: str | Callable[[], Awaitable[str]],
        *,
        district: str = "",
        timeout: float = 10.0,
        retry: Retry | None = None,
        authorities: bytes | None = None,
    ) -> None:
        target, secure = target_of(address)
        if secure:
            credentials = grpc.ssl_channel_credentials(authorities)
            self.channel = grpc.aio.secure_channel(target, credentials, options=OPTIONS)
        else:
            self.channel = grpc.aio.insecure_channel(target, options=OPTIONS)
        self._token, self._district = token, district
        self._timeout, self._retry = timeout, retry or Retry()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.channel.close()

    async def call(
        self, rpc: grpc.aio.UnaryUnaryMultiCallable[Asked, Told], request: Asked
    ) -> Told:
        """The answer. A change that has no `request_id` gets one; what fails and may pass is sent
        again with it. Raises TandemError."""
        request, request_id = with_id(request)
        failures = 0
        while True:
            try:
                return await rpc(request, timeout=self._timeout, metadata=await self._metadata())
            except grpc.aio.AioRpcError as failed:
                error = error_of(failed, request_id)
                failures += 1
                if not self._retry.again(failures, error):
                    raise error from failed
            await asyncio.sleep(self._retry.seconds(failures, error))

    async def pages(
        self, rpc: grpc.aio.UnaryUnaryMultiCallable[Asked, Told], request: Asked
    ) -> AsyncGenerator[Told, None]:
        """The pages of a list, from the one that `request` asks for, as they are wanted. Raises
        TandemError."""
        while True:
            page = await self.call(rpc, request)
            yield page
            token: str = getattr(page, "next_page_token")  # noqa: B009 # of a list's page
            if not token:
                return
            request = changed(request, page_token=token)

    async def journal(
        self,
        rpc: grpc.aio.UnaryStreamMultiCallable[
            journal_pb2.ReadJournalRequest, journal_pb2.ReadJournalResponse
        ],
        request: journal_pb2.ReadJournalRequest,
    ) -> AsyncGenerator[journal_pb2.ReadJournalResponse, None]:
        """The batches of a service's journal (`ReadJournal`). A stream that breaks goes on after
        its last batch. Raises TandemError."""
        failures = 0
        while True:
            try:
                async with aclosing(self._stream(rpc, request)) as stream:
                    async for batch in stream:
                        failures = 0
                        request = changed(request, page_token=batch.next_page_token)
                        yield batch
                        if not batch.next_page_token:  # the last one
                            return
                return
            except TandemError as error:
                failures += 1
                if not self._retry.again(failures, error):
                    raise
                pause = self._retry.seconds(failures, error)
            await asyncio.sleep(pause)

    async def watch(
        self,
        rpc: grpc.aio.UnaryStreamMultiCallable[
            caseload_pb2.WatchCaseloadRequest, caseload_pb2.WatchCaseloadResponse
        ],
        request: caseload_pb2.WatchCaseloadRequest,
    ) -> AsyncGenerator[caseload_pb2.WatchCaseloadResponse, None]:
        """What happens to a caseload (`WatchCaseload`), without end: when a stream ends or breaks,
        the next one goes on after the last message, or begins anew with KIND_RESET. Once there has
        been a message, it tries for as long as the service is away. Raises TandemError where
        trying again does not help: when access has ended, or the token has."""
        failures, begun = 0, False
        while True:
            pause = self._retry.seconds(1)
            try:
                async with aclosing(self._stream(rpc, request)) as stream:
                    async for message in stream:
                        failures, begun = 0, True
                        place = message.resume_token or request.resume_token
                        request = changed(request, resume_token=place)
                        if message.kind != caseload_pb2.WatchCaseloadResponse.KIND_BYE:
                            yield message
            except TandemError as error:
                failures += 1
                if not self._retry.again(1 if begun else failures, error):
                    raise
                pause = self._retry.seconds(failures, error)
            await asyncio.sleep(pause)

    async def follow_events(
        self,
        rpc: grpc.aio.UnaryStreamMultiCallable[
            journal_pb2.FollowEventsRequest, journal_pb2.FollowEventsResponse
        ],
        request: journal_pb2.FollowEventsRequest,
    ) -> AsyncGenerator[journal_pb2.FollowEventsResponse, None]:
        """What a service has published, and what it will (`FollowEvents`), without end: when a
        stream ends or breaks, the next one goes on after the last position. Keep the position of
        an answer once its records are kept; some have none. Once there has been an answer, it
        tries for as long as the service is away. Raises TandemError where trying again does not
        help: `position_lost` when only starting over does, or when access has ended."""
        failures, begun = 0, False
        while True:
            pause = self._retry.seconds(1)
            try:
                async with aclosing(self._stream(rpc, request)) as stream:
                    async for answer in stream:
                        failures, begun = 0, True
                        request = changed(request, position=answer.position)
                        yield answer
            except TandemError as error:
                failures += 1
                if not self._retry.again(1 if begun else failures, error):
                    raise
                pause = self._retry.seconds(failures, error)
            await asyncio.sleep(pause)

    async def _stream(
        self, rpc: grpc.aio.UnaryStreamMultiCallable[Asked, Told], request: Asked
    ) -> AsyncGenerator[Told, None]:
        answer: Any = rpc(request, metadata=await self._metadata())
        try:
            async for each in answer:
                yield each
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed) from failed
        finally:
            answer.cancel()

    async def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = self._token if isinstance(self._token, str) else await self._token()
        return metadata_of(token, self._district)
