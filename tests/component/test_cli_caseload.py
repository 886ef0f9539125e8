"""A caseload followed from a terminal: through cuts without end, in the district that is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

from services.ctl import sse
from services.ctl.__main__ import run
from services.ctl.caseload_screen import Screen
from services.ctl.caseload_table import table
from services.ctl.client import ApiClient
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.local import keys
from services.ctl.sse import SseMessage
from tests.support.command_line import local_stack
from tests.support.fake_services import CASELOAD, FakeServices, event, problem

MINE = ("GET", "/insights/v1/caseloads/coach-01")
LIVE = ("GET", "/insights/v1/caseloads/coach-01/live")
DOWN = (503, problem(503, "unavailable", "Its store is away."))
GONE = (403, problem(403, "forbidden", "Not any more."))

Read = Callable[[], tuple[str, str]]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServices]:
    monkeypatch.setattr(sse, "PAUSES", (0.0, 0.0))
    with local_stack(monkeypatch, tmp_path) as fake:
        yield fake


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    def both() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return both


def test_a_watch_that_was_connected_waits_for_the_service_and_says_so(
    stack: FakeServices, read: Read
) -> None:
    gone = event("gone", "p2", teacher_id="teacher-0001")
    busy = (429, problem(429, "too_many_at_once", "Too many follow."))
    stack.answers[LIVE] = [
        (200, event("reset", "p1", entries=0)),
        *(DOWN for _ in range(20)),
        busy,
        (200, gone),
        *(DOWN for _ in range(3)),
        (200, event("heartbeat", "p3")),
        GONE,
    ]
    assert run(["caseload", "watch"]) == Exit.REFUSED
    out, err = read()
    assert [line[10:] for line in out.splitlines()] == [f"{'teacher-0001':<22} has left"]
    lost = "unavailable: Its store is away. It is tried until it answers"
    back = "the insights service answers again"
    assert err.splitlines()[1:] == [lost, back, lost, back, "tandem: forbidden: Not any more."]
    places = [each.headers.get("last-event-id") for each in stack.asked]
    assert places == [None, *["p1"] * 22, *["p2"] * 4, "p3"]


async def test_who_cannot_be_reached_is_tried_until_she_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "PAUSES", (0.0,))
    answers: list[Any] = [event("reset", "p1", entries=0), *[httpx2.ConnectError("refused")] * 20,
                          event("heartbeat", "p2"), GONE]  # fmt: skip

    def answer(request: httpx2.Request) -> httpx2.Response:
        told = answers.pop(0)
        if isinstance(told, Exception):
            raise told
        if isinstance(told, tuple):
            return httpx2.Response(told[0], content=json.dumps(told[1]))
        return httpx2.Response(200, content=told, headers={"content-type": "text/event-stream"})

    api = ApiClient({"insights": "http://i"}, httpx2.MockTransport(answer))
    told: list[str] = []
    messages = sse.follow(api, "t", "c", {}, tell=told.append)
    assert [(await anext(messages)).kind, (await anext(messages)).kind] == ["reset", "heartbeat"]
    with pytest.raises(Refused):
        await anext(messages)
    assert [each.partition(" at ")[0] for each in told] == [
        "cannot reach the insights service",
        "the insights service answers again",
    ]
    answers[:] = [httpx2.ConnectError("refused")]
    with pytest.raises(Stop) as stopped:
        await anext(sse.follow(api, "t", "c", {}))
    assert stopped.value.code == Exit.UNREACHABLE
    await api.close()


def test_a_screen_says_that_it_waits_until_it_hears_something() -> None:
    screen = Screen(CASELOAD)
    screen.tell("nobody\x1b[2J answers")
    assert screen.drawn().caption == "nobody\ufffd[2J answers"
    screen.hear(SseMessage("heartbeat", {"as_of": CASELOAD["as_of"], "stale": False}))
    assert screen.drawn().caption is None


@pytest.mark.parametrize("command", ["show", "watch"])
def test_a_caseload_of_the_district_that_is_named(
    stack: FakeServices, read: Read, command: str
) -> None:
    stack.answers[MINE] = (200, CASELOAD)
    stack.answers[LIVE] = [GONE]
    run(["caseload", command, "--district", "brookfield"])
    (asked,) = stack.asked
    assert keys.district_of(asked.headers["authorization"].removeprefix("Bearer ")) == "brookfield"
    assert asked.headers["tandem-district"] == "brookfield"
    read()
    assert run(["caseload", command, "--district", "maple"]) == Exit.NOT_FOUND
    assert read()[1] == "tandem: there is no district maple; there are lakewood, brookfield\n"
    other = asked.headers["authorization"].removeprefix("Bearer ")
    assert run(["caseload", command, "--district", "maple", "--token", other]) == Exit.USAGE
    assert len(stack.asked) == 1


def test_a_caseload_of_nobody_is_said(stack: FakeServices, read: Read) -> None:
    stack.answers[MINE] = (200, {**CASELOAD, "entries": []})
    assert run(["caseload", "show"]) == Exit.OK
    assert read()[1] == "coach-01 coaches nobody in 2026-2027\n"


@pytest.mark.parametrize("command", ["show", "watch"])
def test_who_is_not_in_the_roster_is_named(command: str, stack: FakeServices, read: Read) -> None:
    unknown = (403, problem(403, "unknown_person", "The caller is not active in the roster."))
    path = "/insights/v1/caseloads/coach-99"
    stack.answers["GET", path if command == "show" else f"{path}/live"] = [unknown]
    assert run(["caseload", command, "--coach", "coach-99"]) == Exit.NOT_FOUND
    assert "nobody in lakewood's roster is coach-99, or active there" in read()[1]


def test_of_a_token_of_ones_own_the_service_says_what_is_wrong(
    stack: FakeServices, read: Read
) -> None:
    unknown = (403, problem(403, "unknown_person", "The caller is not active in the roster."))
    stack.answers["GET", "/insights/v1/caseloads/coach-99"] = [unknown]
    asked = ["caseload", "show", "--coach", "coach-99", "--token", "a.b.c"]
    assert run(asked) == Exit.REFUSED
    assert "The caller is not active in the roster." in read()[1]


def test_a_step_that_is_overdue_stands_with_what_asks_for_attention() -> None:
    due = {"step_id": "visit", "due_date": "2026-11-16", "overdue_days": 3}
    for step, told in ((due, True), ({**due, "overdue_days": 0}, False), (None, False)):
        entry = {**CASELOAD["entries"][0], "due_step": step}
        shown = io.StringIO()
        Console(file=shown, width=200).print(table({**CASELOAD, "entries": [entry]}))
        assert ("step: visit, 3 days late" in shown.getvalue()) is told
