"""The programs of docs/calling.md, run as they stand there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.filling import TEACHER
from tests.support.raw_socket import listening

PAGE = (Path(__file__).parents[2] / "docs/calling.md").read_text()
REST, GRPC = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HTTP_ADDRESS, GRPC_ADDRESS = "127.0.0.1:8080", "127.0.0.1:8202"


@dataclass
class Served:
    """The goals service of a filled platform. `addresses`: those of the page -> its own."""

    platform: Filled
    addresses: dict[str, str]

    async def run(self, program: str) -> dict[str, Any]:
        """The names that the program leaves, after its end."""
        for known, own in self.addresses.items():
            program = program.replace(known, own)
        names: dict[str, Any] = {}
        try:
            await asyncio.to_thread(exec, compile(program, "docs/calling.md", "exec"), names)
        finally:
            names["api" if "api" in names else "channel"].close()
        return names


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    platform = Filled()
    await platform.fill("north")
    monkeypatch.setenv("TANDEM_TOKEN", f"north/{TEACHER}")
    monkeypatch.setenv("TEACHER", TEACHER)
    goals = platform.services["goals"]
    async with listening(goals.app) as up:
        port = await goals.grpc.start()
        addresses = {
            HTTP_ADDRESS: f"{up.address[0]}:{up.address[1]}",
            GRPC_ADDRESS: f"127.0.0.1:{port}",
        }
        yield Served(platform, addresses)
        await goals.grpc.stop()


async def test_the_rest_program_pages_reads_and_changes(served: Served) -> None:
    names = await served.run(REST)
    assert len(names["goals"]) > 2  # more than a page
    assert names["changed"].json()["current"] == 12.5
    with pytest.raises(RuntimeError, match=r"stale_version: .* read it again"):
        await served.run(REST.replace('seen.headers["etag"]', "'\"1\"'"))
    with pytest.raises(RuntimeError, match=r"invalid_request: .*'/value'"):
        await served.run(REST.replace("12.5", "None"))


async def test_the_grpc_program_pages_reads_and_changes(served: Served) -> None:
    names = await served.run(GRPC)
    assert len(names["goals"]) > 2
    assert names["changed"].current == 13.5
    with pytest.raises(RuntimeError, match="STALE_VERSION: "):
        await served.run(GRPC.replace("etag=seen.etag", "etag='\"1\"'"))
    with pytest.raises(RuntimeError, match=r"\['teacher_id'\]"):
        await served.run(GRPC.replace("teacher_id=teacher", "teacher_id='a b'"))
