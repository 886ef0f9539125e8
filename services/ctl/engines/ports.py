"""Choosing TCP ports on the loopback interface."""

import asyncio
import secrets
import socket

HOST = "127.0.0.1"
# Below those that systems give to outgoing connections: one of these, made by anybody between
# the choice of a port and its use, had the port.
PORTS = range(20_000, 32_000)
TRIES = 100
_given: set[int] = set()  # by this process; its user may not listen yet, or be down for a while


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now.

    A port left in TIME_WAIT counts as free: the engines set SO_REUSEADDR too.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def pick_port(preferred: int | None = None) -> int:
    """`preferred` if it is free, else a free one of PORTS that was not given before.

    Nothing is reserved: another process may take the port before its user listens on it, so
    the user must be ready to pick again. Raises OSError when none is found.
    """
    if preferred is not None and is_free(preferred):
        return preferred
    for _ in range(TRIES):
        port = secrets.choice(PORTS)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no free port from {PORTS.start} to {PORTS.stop - 1} in {TRIES} tries")


async def accepts(port: int) -> bool:
    """Whether a server takes connections on 127.0.0.1:port now."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
