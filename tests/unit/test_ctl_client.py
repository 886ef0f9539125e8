"""The command line as a caller of the services' REST APIs."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any

import httpx2
import pytest

from services.ctl import client
from services.ctl.client import TRIES, ApiClient
from services.ctl.demo.actor import Actor
from services.ctl.exits import Exit, Refused, Stop


def served(monkeypatch: pytest.MonkeyPatch, answers: MutableSequence[Any]) -> ApiClient:
    """Takes from the answers as they are asked for; an exception is raised."""
    monkeypatch.setattr(client, "BUSY_SECONDS", 0.0)

    def answer(request: httpx2.Request) -> httpx2.Response:
        found: httpx2.Response | Exception = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return ApiClient({"goals": "http://goals"}, httpx2.MockTransport(answer))


def problem(code: str) -> httpx2.Response:
    return httpx2.Response(503, json={"code": code, "title": "Later"})


@pytest.mark.parametrize("code", ["overloaded", "too_many_at_once", "too_many_requests"])
async def test_a_service_that_has_too_much_to_do_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answers = [*[problem(code)] * (TRIES - 1), httpx2.Response(200, json={"a": 1})]
    api = served(monkeypatch, answers)
    assert (await api.send("", "POST", "goals", "/goals", {})).body == {"a": 1}
    assert not answers
    await api.close()


async def test_it_waits_for_as_long_as_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within reason."""
    paused: list[float] = []

    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr("services.ctl.client.asyncio.sleep", sleep)
    told = {"code": "too_many_requests", "title": "Later"}
    answers = [
        *(
            httpx2.Response(429, json=told, headers={"Retry-After": said})
            for said in ("7", "3000", "soon")
        ),
        httpx2.Response(200, json={"a": 1}),
    ]
    api = served(monkeypatch, answers)
    await api.send("", "POST", "goals", "/goals", {})
    assert paused == [7, 30, 0]
    await api.close()


@pytest.mark.parametrize("code", ["overloaded", "deadline"])
async def test_but_not_for_ever_and_not_where_it_may_have_been_done(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answers = [problem(code) for _ in range(10)]
    api = served(monkeypatch, answers)
    with pytest.raises(Refused, match=code):
        await api.send("", "POST", "goals", "/goals", {})
    assert len(answers) == (10 - TRIES if code == "overloaded" else 9)
    await api.close()


@pytest.mark.parametrize("code", ["overloaded", "unknown_teacher", "deadline"])
async def test_who_seeds_a_demo_waits_longer_than_a_command(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answers = [*[problem(code)] * (TRIES + 1), httpx2.Response(200, json={"a": 1})]
    api = served(monkeypatch, answers)
    actor = Actor(api, lambda person: "token", "north")
    assert (await actor.post("teacher-1", "goals", "/goals", {}, key="k")).body == {"a": 1}
    assert (answers, actor.requests) == ([], 1)
    await api.close()


@pytest.mark.parametrize("first", [True, False])
async def test_what_breaks_off_is_sent_again_once_others_were_answered(
    monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """Who is reached by nobody is not waited for: a wrong address is told at once."""
    good = httpx2.Response(200, json={"a": 1})
    broken: httpx2.Response | Exception = httpx2.ReadError("broken off")
    answers = [broken, good] if first else [good, broken, good]
    api = served(monkeypatch, answers)
    actor = Actor(api, lambda person: "token", "north")
    if first:
        with pytest.raises(Stop, match="cannot reach the goals service"):
            await actor.post("teacher-1", "goals", "/goals", {}, key="k")
        assert answers == [good]
    else:
        for key in ("j", "k"):
            await actor.post("teacher-1", "goals", "/goals", {}, key=key)
        assert answers == []
    await api.close()


async def test_nor_without_a_key_where_it_may_have_been_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = served(monkeypatch, [problem("deadline")])
    with pytest.raises(Refused, match="deadline"):
        await Actor(api, lambda person: "token", "north").post("teacher-1", "goals", "/goals", {})
    await api.close()


async def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ctl.demo.actor.PATIENCE_SECONDS", -1.0)
    api = served(monkeypatch, [problem("overloaded") for _ in range(TRIES)])
    with pytest.raises(Refused, match="overloaded"):
        await Actor(api, lambda person: "token", "north").post("teacher-1", "goals", "/goals", {})
    await api.close()


@pytest.mark.parametrize("id", [".", "..", "%2e%2e", "a/../b", "a%2F.%2Fb"])
async def test_no_id_leads_to_another_thing(monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    api = served(monkeypatch, [])
    with pytest.raises(Stop, match="an id has no part") as caught:
        await api.send("", "PUT", "goals", f"/goals/{id}", {})
    assert caught.value.code == Exit.USAGE
    with pytest.raises(Stop, match="an id has no part"):
        api.url("goals", f"/goals/{id}/live")
    for well in ("a.b", "...", "a%2Fb", "@..b"):
        assert api.url("goals", f"/goals/{well}").endswith(f"/goals/{well}")
    await api.close()
