"""A ticket stands for a token in the address of a live caseload, once, and tells nobody else."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.chassis.edge.http_call import TICKET
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import AUTH_REFUSED
from services.insights.ticket import cases
from services.insights.ticket.tickets import EACH
from tests.support.insight import COACH, Insights, small_district
from tests.support.raw_http import RawAnswer, send

CASELOAD = f"/insights/v1/caseloads/{COACH}"


@pytest.fixture
async def insights() -> Insights:
    return await small_district()


def as_(person: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer north/{person}".encode())]


async def issued(insights: Insights, person: str = COACH, of: str = CASELOAD) -> RawAnswer:
    return await send(insights.service.app, "POST", f"{of}/tickets", headers=as_(person))


async def show(
    insights: Insights, ticket: str, of: str = CASELOAD, part: str = "/live"
) -> RawAnswer:
    target = f"{of}{part}?ticket={ticket}"
    return await send(insights.service.app, "GET", target, leave_after=1)


async def ticket_of(insights: Insights) -> str:
    return str((await issued(insights)).json()["ticket"])


async def test_who_has_one_reads_a_live_caseload_without_a_token_once(insights: Insights) -> None:
    for of in (CASELOAD, "/insights/v1/caseloads/me"):
        ticket = await ticket_of(insights)
        first = await show(insights, ticket, of)
        assert (first.status, first.body[:6]) == (200, b"retry:")
        again = await show(insights, ticket, of)
        assert (again.status, again.json()["code"]) == (401, "invalid_ticket")
        assert again.headers["www-authenticate"] == "Bearer"


async def test_a_ticket_is_its_persons_and_opens_nothing_else(insights: Insights) -> None:
    other = "/insights/v1/caseloads/coach-02"
    assert (await issued(insights, of=other)).status == 404
    assert (await issued(insights, "nobody")).status in (403, 404)
    assert (await show(insights, await ticket_of(insights), other)).status == 404
    ticket = await ticket_of(insights)
    for part in ("", "/tickets"):
        answer = await show(insights, ticket, part=part)
        assert (answer.status, answer.json()["code"]) == (401, "no_token"), part
    assert (await show(insights, ticket)).status == 200


async def test_who_shows_both_is_refused_and_keeps_the_ticket(insights: Insights) -> None:
    ticket = await ticket_of(insights)
    target = f"{CASELOAD}/live?ticket={ticket}"
    answer = await send(insights.service.app, "GET", target, headers=as_(COACH))
    assert (answer.status, answer.json()["code"]) == (422, "ticket_beside_token")
    assert (await show(insights, ticket)).status == 200


@pytest.mark.parametrize("shown", ["", "x", "A" * 43, "A" * 44, "A" * 5_000, "%00" * 43, "é" * 43])
async def test_what_is_no_ticket_is_refused_by_its_form_where_that_tells(
    insights: Insights, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    tickets = insights.service.app.state.gate.take_ticket.args[0].tickets
    take = tickets.take

    async def noted(digest: str, operation: str) -> Any:
        asked.append(digest)
        return await take(digest, operation)

    monkeypatch.setattr(tickets, "take", noted)
    answer = await show(insights, shown)
    assert (answer.status, answer.json()["code"]) == (401, "invalid_ticket")
    assert len(asked) == (shown == "A" * 43)
    metrics = insights.service.app.state.gate.metrics
    assert metrics.of(AUTH_REFUSED, TICKET)._value.get() == 1


@pytest.mark.parametrize("left", [10.0, 3_000.0])
async def test_it_ends_with_the_token_it_came_from(insights: Insights, left: float) -> None:
    state = insights.service.app.state
    now = float(int(time.time()))
    ports = replace(state.gate.take_ticket.args[0], now=lambda: now)
    call = insights.call("issue_ticket")
    call.principal = replace(call.principal, ends_at=now + left)
    ticket, until = await cases.issue_ticket(ports, call, COACH)
    assert until.timestamp() == now + min(left, cases.SECONDS)
    principal = await cases.take_ticket(ports, ticket, cases.FOR)
    assert (principal, principal.ends_at) == (call.principal, now + left)

    ticket, until = await cases.issue_ticket(ports, call, COACH)
    late = replace(ports, now=lambda: until.timestamp() + 0.001)
    with pytest.raises(Fault) as refused:
        await cases.take_ticket(late, ticket, cases.FOR)
    assert (refused.value.kind, refused.value.code) == (Kind.UNAUTHENTICATED, "invalid_ticket")


async def test_nobody_has_more_than_so_many(insights: Insights) -> None:
    for _ in range(EACH):
        assert (await issued(insights)).status == 200
    answer = await issued(insights)
    assert (answer.status, answer.json()["code"]) == (429, "too_many_tickets")


async def test_what_is_kept_and_told_shows_no_ticket(
    insights: Insights, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tickets = insights.service.app.state.gate.take_ticket.args[0].tickets
    with capture_logs() as lines:
        ticket = await ticket_of(insights)
        assert ticket not in str(vars(tickets))
        answers = [await show(insights, ticket) for _ in range(2)]
        answers.append(await show(insights, ticket, of="/insights/v1/caseloads/coach-02"))
        answers.append(await show(insights, ticket, part="/live/nothing"))
    assert [each.status for each in answers] == [200, 401, 401, 401]
    told = [*map(str, lines), *(each.getMessage() for each in caplog.records)]
    told += [json.dumps(each.headers) + each.body.decode() for each in answers]
    assert len(lines) >= 3
    assert not [each for each in told if ticket in each]
