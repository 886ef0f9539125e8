"""However many ask without a token that holds, who has one is not kept waiting for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.edge.http import door_of
from services.chassis.edge.http_door import Door
from services.chassis.edge.turnstile import EACH_TURN
from services.chassis.metrics import Metrics
from tests.support.raw_socket import Listening, listening, request
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer
from tests.support.waiting import eventually

ISSUER = LocalIssuer()
MANY = 60
THINGS = "/things/v1/things"
ANSWER = b'{"district_id": "riverside", "text": "good"}'
TOLD = f"Content-Length: {len(ANSWER)}"


def token() -> str:
    return f"Authorization: {ISSUER.bearer('teacher-1')['Authorization']}"


class Watched:
    """In which turns of the loop the door has looked at requests, and whether it knew whose."""

    def __init__(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        self.door, self.turn = door, 0
        self.seen: list[tuple[int, bool]] = []
        refuses = door.refuses

        def watched(scope: Any) -> bytes | None:
            self.seen.append((self.turn, "tandem.seen" in scope))
            return refuses(scope)

        monkeypatch.setattr(door, "refuses", watched)

    async def count(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)


class Up:
    def __init__(self, listens: Listening, watched: Watched) -> None:
        self.listens, self.watched = listens, watched


@pytest.fixture
async def up(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Up]:
    app = build(router(), ISSUER, Metrics())
    watched = Watched(door_of(app), monkeypatch)
    counting = asyncio.create_task(watched.count())
    async with listening(app, door=watched.door) as listens:
        yield Up(listens, watched)
    counting.cancel()


@pytest.mark.parametrize("token", [(), ("Authorization: Bearer a.b.c",)])
async def test_in_one_turn_of_the_loop_few_of_them_are_looked_at(
    up: Up, token: tuple[str, ...]
) -> None:
    wires = await up.listens.connect(MANY)
    for wire in wires:
        wire.put(request(THINGS, *token) * 3)
    for wire in wires:
        assert [await wire.status() for _ in range(3)] == [401] * 3
    in_turns = Counter(turn for turn, _ in up.watched.seen)
    assert in_turns.total() == 3 * MANY
    assert max(in_turns.values()) <= 2 * EACH_TURN  # some before we count, and some after


async def test_who_is_known_waits_for_few_of_them(up: Up) -> None:
    known_as = token()
    assert await up.listens.ask(request(THINGS, known_as)) == 200  # once, to be known
    up.watched.seen.clear()
    wires = await up.listens.connect(MANY)
    (known,) = await up.listens.connect()
    for wire in wires:
        wire.put(request(THINGS))
    known.put(request(THINGS, known_as))
    assert await known.status() == 200
    assert [each for _, each in up.watched.seen].index(True) <= 2 * EACH_TURN
    assert [await wire.status() for wire in wires] == [401] * MANY


async def test_what_comes_after_they_have_waited_is_read(up: Up) -> None:
    wires = await up.listens.connect(MANY)
    headers = ["Content-Type: application/json", TOLD]
    for wire in wires:
        wire.put(request("/things/v1/submissions", *headers, method="POST", body=ANSWER[:5]))
    for wire in wires:
        await wire.send(ANSWER[5:])
    assert [await wire.status() for wire in wires] == [200] * MANY


async def test_who_hangs_up_waits_no_longer(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    turnstile = up.watched.door.turnstile
    monkeypatch.setattr(turnstile, "_left", 0)
    monkeypatch.setattr(turnstile, "_turning", True)  # and nobody has a turn
    wires = await up.listens.connect(MANY)
    for wire in wires:
        await wire.send(request(THINGS))
    await eventually(lambda: turnstile.waiting == MANY)
    up.listens.cut()
    await eventually(lambda: turnstile.waiting == 0)
