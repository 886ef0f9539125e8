"""Containers of the image, held as a cluster would hold them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.docker.image import podman
from tests.support.waiting import eventually

# What the cluster's strictest policy asks for, and no writable folder.
HELD = "--read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges"
TERM = 1 << (signal.SIGTERM - 1)


class Container:
    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def output(self) -> str:
        return podman("logs", self.name, errors=True)

    def start(self) -> None:
        podman("start", self.name)

    async def start_and_tell(self) -> None:
        """SIGTERM as soon as its first process hears it, now or later."""
        podman("init", self.name)
        pid = int(podman("inspect", "--format", "{{.State.Pid}}", self.name))
        starting = asyncio.create_task(asyncio.to_thread(self.start))
        await eventually(lambda: hears(pid), timeout=60)
        os.kill(pid, signal.SIGTERM)
        await starting

    def tell(self) -> None:
        podman("kill", "--signal", "TERM", self.name)

    def code(self) -> int:
        """Blocks until it has ended."""
        return int(podman("wait", self.name))


def hears(pid: int) -> bool:
    """Whether a process is ours, no longer the runtime's, and has SIGTERM blocked or a handler."""
    place = Path(f"/proc/{pid}")
    if Path(os.readlink(place / "exe")).name not in ("env", "python3.11"):
        return False
    status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
    return any(int(status[mask], 16) & TERM for mask in ("SigBlk", "SigCgt"))


@contextmanager
def created(image: str, *arguments: str, options: str = "", **env: str) -> Iterator[Container]:
    """One that is to run `arguments`, on the host's network; gone afterwards."""
    told = [f"--env={name}={value}" for name, value in env.items()]
    held = [*HELD.split(), "--network", "host", *options.split()]
    name = podman("create", *held, *told, image, *arguments)
    try:
        yield Container(name)
    finally:
        podman("rm", "--force", "--time", "0", name)


@contextmanager
def running(image: str, *arguments: str, options: str = "", **env: str) -> Iterator[Container]:
    with created(image, *arguments, options=options, **env) as made:
        made.start()
        yield made


def said(image: str, *arguments: str, options: str = "", **env: str) -> tuple[int, str]:
    """The exit code of a container, and what it has said on both streams."""
    with running(image, *arguments, options=options, **env) as made:
        return made.code(), made.output
