"""Nobody keeps others out of gRPC by taking calls back as soon as they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from services.chassis.edge.grpc_server import STREAMS_EACH
from tests.support import http2_frames
from tests.support.served_grpc import GET, bearer, serving
from tests.support.waiting import HANGS, eventually

CONNECTIONS, CALLS = 4, 5_000  # of each


Asked = Callable[[int], bytes]


def of_nobody(stream: int) -> bytes:
    return http2_frames.asked(stream, GET, {})


def without_a_message(stream: int) -> bytes:
    return http2_frames.asked(stream, GET, dict(bearer("ghost")))


def whole(stream: int) -> bytes:
    return without_a_message(stream) + http2_frames.sent(stream, b"\x0a\x01g")


class Attack:
    """Connections whose calls are taken back at once; a new one whenever the server ends one."""

    def __init__(self, port: int, asked: Asked) -> None:
        self._port, self._asked = port, asked
        self.refused = 0  # by the server, before we took them back

    async def one(self) -> None:
        left = CALLS
        while left:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            hearing = asyncio.create_task(self._hear(reader))
            writer.write(http2_frames.BEGIN)
            with suppress(ConnectionError):
                for stream in range(1, 2 * left, 2):
                    writer.write(self._asked(stream) + http2_frames.reset(stream))
                    left -= 1
                    await writer.drain()
                    if stream % 100 == 1:
                        await asyncio.sleep(0)
                    if hearing.done():
                        break
                writer.write(http2_frames.ping())
            async with asyncio.timeout(HANGS):
                await hearing
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        """To the end, or until all is handled that was sent."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            kind = flags = 0
            while (kind, flags) != (http2_frames.PING, http2_frames.ACK):
                head = await reader.readexactly(9)
                kind, flags = head[3], head[4]
                await reader.readexactly(int.from_bytes(head[:3], "big"))
                self.refused += kind == http2_frames.RESET


@pytest.mark.parametrize("asked", [of_nobody, without_a_message, whole])
async def test_calls_that_are_taken_back_at_once_hold_nothing_of_others(asked: Asked) -> None:
    async with serving() as served:
        await served.is_served()
        attack, before = Attack(served.port, asked), len(asyncio.all_tasks())
        most = 0
        attacking = [asyncio.create_task(attack.one()) for _ in range(CONNECTIONS)]
        while not all(each.done() for each in attacking):
            await served.is_served()
            most = max(most, len(asyncio.all_tasks()) - before)
        for each in attacking:
            each.result()
        assert attack.refused > CALLS  # of four times as many: they cost no turn of ours
        assert most <= CONNECTIONS * (STREAMS_EACH + 2)
        await eventually(lambda: len(asyncio.all_tasks()) <= before)
        await served.is_served()
