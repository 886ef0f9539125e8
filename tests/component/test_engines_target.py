"""Engines as commands of operators reach them."""

from __future__ import annotations

import socket
import threading

from services.ctl.engines_target import wait_until_open


def test_who_takes_no_connection_at_first_is_waited_for() -> None:
    with socket.socket() as closed, socket.socket() as opened:
        for each in (closed, opened):
            each.bind(("127.0.0.1", 0))  # refuses until it listens
        servers = ", ".join(f"127.0.0.1:{each.getsockname()[1]}" for each in (closed, opened))
        asks = threading.Thread(target=wait_until_open, args=(servers, 60))
        asks.start()
        opened.settimeout(30)
        opened.listen()
        opened.accept()[0].close()
        asks.join(30)
        assert not asks.is_alive()


def test_who_is_never_reached_is_waited_for_no_longer_than_said() -> None:
    wait_until_open("127.0.0.1:1, no address", 0)
