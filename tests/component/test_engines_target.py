"""Engines as commands of operators reach them."""

from __future__ import annotations

import socket

from services.ctl.engines_target import any_open, wait_until


def test_one_of_the_servers_that_takes_connections_will_do() -> None:
    with socket.socket() as closed, socket.socket() as opened:
        for each in (closed, opened):
            each.bind(("127.0.0.1", 0))  # refuses until it listens
        servers = ", ".join(f"127.0.0.1:{each.getsockname()[1]}" for each in (closed, opened))
        assert not any_open(servers)
        opened.listen()
        assert any_open(servers)
    assert not any_open("no address")


def test_who_is_not_reached_at_first_is_waited_for() -> None:
    answers = [False, False, True, False]
    wait_until(lambda: answers.pop(0), 60)
    assert answers == [False]


def test_nobody_is_waited_for_longer_than_said() -> None:
    wait_until(lambda: False, 0)
