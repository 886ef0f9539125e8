"""The client for programs without asyncio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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

    `address`: see `channel.target_of`. `token`: a JWT, or what returns the present one and is asked
    before each attempt. `district`: where named, a token of another district is refused. `timeout`:
    seconds that an attempt may take; when they are over, the error has the code
    `deadline_exceeded`, and nothing is sent again. `authorities`: PEM certificates to trust instead
    of the usual ones."""

    def __init__(
        self,
        address: str,
        token: str | Callable[[], str],
        *,
        district: str = "",
        timeout: float = 10.0,
        retry: Retry | None = None,
        authorities: bytes | None = None,
    ) -> None:
        target, secure = target_of(address)
        if secure:
            credentials = grpc.ssl_channel_credentials(authorities)
            self.channel = grpc.secure_channel(target, credentials, options=OPTIONS)
        else:
            self.channel = grpc.insecure_channel(target, options=OPTIONS)
        self._token, self._district = token, district
        self._timeout, self._retry = timeout, retry or Retry()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.channel.close()

    def call(self, rpc: grpc.UnaryUnaryMultiCallable[Asked, Told], request: Asked) -> Told:
        """The answer. A change that has no `request_id` gets one; what fails and may pass is sent
        again with it. Raises TandemError."""
        request, request_id = with_id(request)
        failures = 0
        while True:
            try:
                return rpc(request, timeout=self._timeout, metadata=self._metadata())
            except grpc.RpcError as failed:
                error = error_of(failed, request_id)
                failures += 1
                if not self._retry.again(failures, error):
                    raise error from failed
            time.sleep(self._retry.seconds(failures, error))

    def pages(
        self, rpc: grpc.UnaryUnaryMultiCallable[Asked, Told], request: Asked
    ) -> Iterator[Told]:
        """The pages of a list, from the one that `request` asks for, as they are wanted. Raises
        TandemError."""
        while True:
            page = self.call(rpc, request)
            yield page
            token: str = getattr(page, "next_page_token")  # noqa: B009 # of a list's page
            if not token:
                return
            request = changed(request, page_token=token)

    def journal(
        self,
        rpc: grpc.UnaryStreamMultiCallable[
            journal_pb2.ReadJournalRequest, journal_pb2.ReadJournalResponse
        ],
        request: journal_pb2.ReadJournalRequest,
    ) -> Iterator[journal_pb2.ReadJournalResponse]:
        """The batches of a service's journal (`ReadJournal`). A stream that breaks goes on after
        its last batch. Raises TandemError."""
        failures = 0
        while True:
            try:
                for batch in self._stream(rpc, request):
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
            time.sleep(pause)

    def watch(
        self,
        rpc: grpc.UnaryStreamMultiCallable[
            caseload_pb2.WatchCaseloadRequest, caseload_pb2.WatchCaseloadResponse
        ],
        request: caseload_pb2.WatchCaseloadRequest,
    ) -> Iterator[caseload_pb2.WatchCaseloadResponse]:
        """What happens to a caseload (`WatchCaseload`), without end: when a stream ends or breaks,
        the next one goes on after the last message, or begins anew with KIND_RESET. Once there has
        been a message, it tries for as long as the service is away. Raises TandemError where
        trying again does not help: when access has ended, or the token has."""
        failures, begun = 0, False
        while True:
            pause = self._retry.seconds(1)
            try:
                for message in self._stream(rpc, request):
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
            time.sleep(pause)

    def follow_events(
        self,
        rpc: grpc.UnaryStreamMultiCallable[
            journal_pb2.FollowEventsRequest, journal_pb2.FollowEventsResponse
        ],
        request: journal_pb2.FollowEventsRequest,
    ) -> Iterator[journal_pb2.FollowEventsResponse]:
        """What a service has published, and what it will (`FollowEvents`), without end: when a
        stream ends or breaks, the next one goes on after the last position. Keep the position of
        an answer once its records are kept; some have none. Once there has been an answer, it
        tries for as long as the service is away. Raises TandemError where trying again does not
        help: `position_lost` when only starting over does, or when access has ended."""
        failures, begun = 0, False
        while True:
            pause = self._retry.seconds(1)
            try:
                for answer in self._stream(rpc, request):
                    failures, begun = 0, True
                    request = changed(request, position=answer.position)
                    yield answer
            except TandemError as error:
                failures += 1
                if not self._retry.again(1 if begun else failures, error):
                    raise
                pause = self._retry.seconds(failures, error)
            time.sleep(pause)

    def _stream(
        self, rpc: grpc.UnaryStreamMultiCallable[Asked, Told], request: Asked
    ) -> Iterator[Told]:
        answer: Any = rpc(request, metadata=self._metadata())
        try:
            yield from answer
        except grpc.RpcError as failed:
            raise error_of(failed) from failed
        finally:
            answer.cancel()

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = self._token if isinstance(self._token, str) else self._token()
        return metadata_of(token, self._district)
