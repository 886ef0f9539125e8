"""Which of gRPC's connections give way where there are many.

grpc itself refuses the newcomer, whoever the others are, and tells nobody which connections it
has. So they are looked up among the files of the process and shut down: grpc finds them ended.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import unquote

import structlog

log = structlog.get_logger(__name__)

ROUND_SECONDS = 1.0
FILES = "/dev/fd"
PEERS = 4_096  # whose names are remembered: each RPC of a connection has the same

Peer: TypeAlias = tuple[str, int]


class Crowd:
    """The connections of one server, which takes `most`. A quarter of these are kept free for who
    comes: of those without an RPC under way, the ones that have had none for longest are closed."""

    def __init__(self, most: int) -> None:
        self._most = most * 3 // 4
        self._busy: Counter[Peer] = Counter()
        self._worked: set[Peer] = set()  # since the last round
        self._idle: dict[Peer, None] = {}  # the longest first

    @contextmanager
    def works(self, peer: str) -> Iterator[None]:
        """An RPC is under way, `peer` as grpc says it."""
        one = peer_of(peer)
        self._busy[one] += 1
        try:
            yield
        finally:
            self._busy[one] -= 1
            if not self._busy[one]:
                del self._busy[one]
                self._worked.add(one)

    async def keep(self, port: int) -> None:
        """Make room at `port` until cancelled."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self._make_room(port)
            except OSError as error:  # this process may be out of files
                log.warning("crowd_not_seen", error=str(error))

    async def _make_room(self, port: int) -> None:
        worked, self._worked = self._worked, set()
        if len(os.listdir(FILES)) <= self._most:
            self._idle.clear()
            return
        found = await asyncio.to_thread(_connections, port)
        before = [each for each in self._idle if each not in worked]
        idle = [each for each in (*before, *found) if each in found and each not in self._busy]
        self._idle = dict.fromkeys(idle)
        for each in list(self._idle)[: max(len(found) - self._most, 0)]:
            del self._idle[each]
            _shut_down(found[each], each, port)


@lru_cache(PEERS)
def peer_of(peer: str) -> Peer:
    """`ipv6:%5B::1%5D:50123` as address and port."""
    host, _, port = unquote(peer).partition(":")[2].rpartition(":")
    return host.strip("[]"), int(port) if port.isdecimal() else 0


def _connections(port: int) -> dict[Peer, int]:
    """The file of each connection to a port of this process."""
    found: dict[Peer, int] = {}
    for name in sorted(os.listdir(FILES), key=int):
        with suppress(OSError), _seen(int(name)) as one:
            peer = _peer_at(one, port)
            if peer is not None:
                found[peer] = int(name)
    return found


@contextmanager
def _seen(file: int) -> Iterator[socket.socket]:
    """To be asked for its addresses, which tell what it is. Raises OSError for no socket."""
    one = socket.socket(fileno=file)
    try:
        yield one
    finally:
        one.detach()


def _shut_down(file: int, peer: Peer, port: int) -> None:
    with suppress(OSError):
        copy = os.dup(file)  # the file may be another one's by now
        try:
            with _seen(copy) as one:
                if _peer_at(one, port) == peer:
                    one.shutdown(socket.SHUT_RDWR)
        finally:
            os.close(copy)


def _peer_at(one: socket.socket, port: int) -> Peer | None:
    """The other side of a connection to `port`, None of all else. Raises OSError where there
    is no other side."""
    if one.family not in (socket.AF_INET, socket.AF_INET6) or one.getsockname()[1] != port:
        return None
    host, its_port = one.getpeername()[:2]
    return host.removeprefix("::ffff:"), its_port
