"""Choosing TCP ports on the loopback interface."""

import asyncio
import socket

HOST = "127.0.0.1"


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
    """`preferred` if it is free, else a free port of the system's choice.

    Nothing is reserved: another process may take the port before its user listens on it, so
    the user must be ready to pick again.
    """
    if preferred is not None and is_free(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def accepts(port: int) -> bool:
    """Whether a server takes connections on 127.0.0.1:port now."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
