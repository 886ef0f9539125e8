"""One process and its roles: it ends as a whole, and in an orderly way."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from services.chassis.beginning import SIGNALS, end_at_once
from services.chassis.runner import ProcessRole, pick, run
from services.chassis.settings import BadSettings, ChassisSettings, load
from tests.support.waiting import HANGS

PROGRAM = """
import asyncio, sys, threading
from services.chassis import runner
from services.chassis.settings import ChassisSettings, load

async def role(stop):
    print("up", flush=True)
    await stop.wait()
    print("drained", flush=True)

async def stuck(stop):
    await asyncio.Event().wait()

async def busy(stop):
    await asyncio.to_thread(threading.Event().wait)

async def deaf(stop):
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def start():
    settings = load(ChassisSettings, environment="test", leave_seconds=0)
    late = {"slow": stuck, "busy": busy, "deaf": deaf}
    roles = {"api": role, **{name: late[name] for name in sys.argv[1:] if name}}
    return await runner.run("things", settings, roles, drain_seconds=0.2)

runner.main("things", start)
"""


async def waits(stop: asyncio.Event) -> None:
    await stop.wait()


def settings(roles: str = "") -> ChassisSettings:
    return load(ChassisSettings, environment="test", roles=roles)


async def dies(stop: asyncio.Event) -> None:
    raise RuntimeError("gone")


async def returns(stop: asyncio.Event) -> None:
    return


@pytest.mark.parametrize("role", [dies, returns])
async def test_a_role_that_ends_ends_the_process(role: ProcessRole) -> None:
    drained: list[str] = []

    async def other(stop: asyncio.Event) -> None:
        await stop.wait()
        drained.append("other")

    assert await run("things", settings(), {"api": other, "relay": role}) == 1
    assert drained == ["other"]


async def test_a_signal_after_the_end_changes_no_exit_code() -> None:
    """What began by ending at once at a signal, with 0, has ended by itself now."""
    before = {number: signal.signal(number, end_at_once) for number in SIGNALS}
    try:
        await run("things", load(ChassisSettings, environment="test"), {"api": returns})
        assert [signal.getsignal(number) for number in SIGNALS] == [signal.SIG_IGN] * 2
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def test_the_internal_port_answers_until_the_others_have_drained() -> None:
    order: list[str] = []

    async def inner(stop: asyncio.Event) -> None:
        await stop.wait()
        order.append("internal")

    async def outer(stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.sleep(0)
        order.append("api")

    roles = {"api": outer, "relay": dies}
    assert await run("things", settings(), roles, always={"internal": inner}) == 1
    assert order == ["api", "internal"]


def test_roles_are_picked_by_name_or_family() -> None:
    roles = {"api.rest": waits, "api.grpc": waits, "relay": waits}
    assert pick(settings(), roles).keys() == roles.keys()
    assert pick(settings("api"), roles).keys() == {"api.rest", "api.grpc"}
    assert pick(settings("relay,api.grpc"), roles).keys() == {"relay", "api.grpc"}
    with pytest.raises(BadSettings, match="ROLES: unknown; there are api, relay"):
        pick(settings("projector"), roles)
    with pytest.raises(BadSettings, match="there are api, relay"):  # though it was not made
        pick(settings("projector"), {"relay": waits})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("extra", ["", "slow", "busy", "deaf"])
async def test_a_signal_drains_and_ends_with_0(number: signal.Signals, extra: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        extra,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(HANGS):
            while b"up" not in await process.stdout.readline():
                pass
            process.send_signal(number)
            rest = await process.stdout.read()
            assert b"drained" in rest
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_bad_setting_ends_with_one_line_and_2() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"REST_PORT": "many", "PATH": "/usr/bin"},
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert error.decode().startswith("things: REST_PORT: ")
    assert error.count(b"\n") == 1
