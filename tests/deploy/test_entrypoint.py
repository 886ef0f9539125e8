"""The image's way in, with the Python of the tests: what `args` of a container may be, and that
nobody who tells it to end is overheard."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys

import pytest

from services.assembly.registry import SERVICES
from services.ctl.exits import Exit
from tests.deploy.dockerfile import ROOT, entrypoint

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def launch(*arguments: str) -> subprocess.Popen[str]:
    program = [sys.executable if each == "python3.11" else each for each in entrypoint()]
    return subprocess.Popen(
        [*program, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate()
    return process.returncode, output


def told_from_its_birth(*arguments: str) -> tuple[int, str]:
    """What becomes of one whose signal is there before its first instruction. A child blocks what
    its parent has blocked, and ignores what its parent ignores: SIGINT, where a shell has begun it
    in the background."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = launch(*arguments)
        process.send_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return ended(process)


def test_what_python_cannot_hear_yet_is_blocked() -> None:
    program, option, *_ = entrypoint()
    shown = subprocess.check_output([program, option, "cat", "/proc/self/status"], text=True)
    (blocked,) = re.findall(r"^SigBlk:\t(\w+)$", shown, re.MULTILINE)
    assert int(blocked, 16) == sum(1 << (number - 1) for number in SIGNALS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_told_to_end_at_once_ends_well(service: str) -> None:
    line = '{"event":"ended_before_it_began","level":"info"}\n'
    assert told_from_its_birth(service) == (0, line)


def test_a_command_that_is_told_to_end_at_once_does_not_say_that_it_is_done() -> None:
    assert told_from_its_birth("tandem", "topics", "ensure") == (Exit.INTERRUPTED, "")


def test_a_command_that_is_told_to_end_while_it_waits_does_not_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        process = launch("tandem", "topics", "ensure", "--kafka-bootstrap-servers", address)
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            code, output = ended(process)
    # on a slow machine it may have waited for long enough
    assert code in (Exit.INTERRUPTED, Exit.UNREACHABLE)
    assert "Traceback" not in output


def test_the_command_line_gets_its_arguments() -> None:
    code, output = ended(launch("tandem", "topics", "ensure", "--help"))
    assert code == 0
    assert output.startswith("Usage: tandem topics ensure")


@pytest.mark.parametrize("arguments", [(), ("chassis",), ("goals", "api"), ("ctl",), ("--help",)])
def test_whatever_else_is_answered_by_what_there_is(arguments: tuple[str, ...]) -> None:
    code, output = ended(launch(*arguments))
    assert code == 2
    assert output == f"say what to run: {', '.join(SERVICES)}, or tandem and its arguments\n"
