"""The program of docs/partners.md, run as it stands there."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Generator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.support.filled import Filled

PAGE = (Path(__file__).parents[2] / "docs/partners.md").read_text()
PROGRAM = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))


class Provider(BaseHTTPRequestHandler):
    """Of identities: a token of the services in this process, with the scopes asked for."""

    asked: list[dict[str, list[str]]]

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append(form)
        token = f"north/{form['client_id'][0]}?{form['scope'][0].replace(' ', '+')}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": token, "expires_in": 3600}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, list[str]]]]:
    """What it was asked."""
    asked = Provider.asked = []
    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("TOKEN_URL", f"http://127.0.0.1:{server.server_port}/token")
    monkeypatch.setenv("CLIENT_ID", "warehouse")
    monkeypatch.setenv("CLIENT_SECRET", "a secret")
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def first(stream: Callable[[], Generator[Any]]) -> Any:
    answers = stream()
    try:
        return next(answers)
    finally:
        answers.close()


async def test_the_program_reads_people_and_a_journal(
    provider: list[dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Filled()
    await platform.fill("north")
    servers = [platform.services[each].grpc for each in ("roster", "goals")]
    for name, server in zip(("TANDEM_ROSTER", "TANDEM_GOALS"), servers, strict=True):
        monkeypatch.setenv(name, f"127.0.0.1:{await server.start()}")
    names: dict[str, Any] = {}
    await asyncio.to_thread(exec, compile(PROGRAM, "docs/partners.md", "exec"), names)
    goals, position = await asyncio.to_thread(first, names["activated"])
    for server in servers:
        await server.stop()
    assert platform.ids["north"]["goal_id"] in {each.goal_id for each in goals}
    assert position
    assert {each.type for each in names["schools"]} >= {"district", "school"}
    assert "teacher-0001" in {each.person_id for each in names["staff"]}
    assert names["refused"] == "forbidden"
    version, event = names["newest"][platform.ids["north"]["goal_id"]]
    assert version > 1
    assert event.goal.teacher_id == "teacher-0001"
    (form,) = provider  # once for all calls
    assert form["grant_type"] == ["client_credentials"]
    assert form["client_secret"] == ["a secret"]
