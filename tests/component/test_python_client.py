"""The Python client against the services, and against one that fails as none of them should."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import grpc
import pytest

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.insights.v1 import caseload_pb2, caseload_pb2_grpc
from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.chassis.edge.grpc_errors import abort
from services.chassis.kernel import Fault, Kind
from tandem_client import Client, Retry, TandemError, aio, event_of
from tests.support.certificates import Authority
from tests.support.filled import Filled
from tests.support.filling import TEACHER

README = (Path(__file__).parents[2] / "clients/python/README.md").read_text()
(PROGRAM,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
WHO = f"north/{TEACHER}"
SOON = Retry(attempts=3, pause=0.001, longest=0.001)
Watched = caseload_pb2.WatchCaseloadResponse


@pytest.fixture(scope="module")
async def platform() -> Filled:
    platform = Filled()
    await platform.fill("north")
    return platform


@pytest.fixture
async def goals(platform: Filled) -> AsyncIterator[str]:
    """The address of the goals service."""
    server = platform.services["goals"].grpc
    yield f"127.0.0.1:{await server.start()}"
    await server.stop()


async def test_the_program_of_the_readme(goals: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_TOKEN", WHO)
    monkeypatch.setenv("TEACHER", TEACHER)
    names: dict[str, Any] = {}
    program = compile(PROGRAM.replace("127.0.0.1:8202", goals), "README.md", "exec")
    await asyncio.to_thread(exec, program, names)
    assert len(names["goals"]) > 2  # more than a page
    assert names["changed"].current == 13.5


async def test_lists_come_page_by_page(goals: str) -> None:
    asked = goal_pb2.ListGoalsRequest(teacher_id=TEACHER, page_size=2)

    def blocking() -> list[int]:
        with Client(goals, WHO) as tandem:
            stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
            return [len(page.goals) for page in tandem.pages(stub.ListGoals, asked)]

    sizes = await asyncio.to_thread(blocking)
    assert set(sizes[:-1]) == {2}
    assert len(sizes) > 1
    async with aio.Client(goals, WHO) as tandem:
        stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        assert [len(page.goals) async for page in tandem.pages(stub.ListGoals, asked)] == sizes


async def test_a_refusal_says_its_code_and_the_fields(goals: str) -> None:
    async with aio.Client(goals, WHO, district="north") as tandem:
        stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        with pytest.raises(TandemError) as wrong:
            await tandem.call(stub.ListGoals, goal_pb2.ListGoalsRequest(teacher_id="a b"))
        (field,) = wrong.value.fields
        assert (field.field, field.code) == ("teacher_id", "string_pattern_mismatch")
        assert wrong.value.code == field.code
        with pytest.raises(TandemError) as missing:
            await tandem.call(stub.GetGoal, goal_pb2.GetGoalRequest(goal_id="none"))
        assert (missing.value.code, missing.value.status.name) == ("not_found", "NOT_FOUND")
        assert len(missing.value.trace_id) == 32
    async with aio.Client(goals, WHO, district="south") as tandem:
        stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        with pytest.raises(TandemError, match="other_district"):
            await tandem.call(stub.GetGoal, goal_pb2.GetGoalRequest(goal_id="none"))


async def test_a_server_is_believed_by_its_certificate() -> None:
    known = Authority("known")
    cert, key = known.issue("server")
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, cert)]))
    await server.start()
    for authorities, code in ((known.pem, "unimplemented"), (Authority("x").pem, "unavailable")):
        async with aio.Client(
            f"https://localhost:{port}", WHO, authorities=authorities, retry=Retry(attempts=1)
        ) as tandem:
            stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
            with pytest.raises(TandemError, match=code):
                await tandem.call(stub.ListGoals, goal_pb2.ListGoalsRequest())
    await server.stop(None)


async def test_the_token_may_be_asked_for(goals: str) -> None:
    async def present() -> str:
        return WHO

    async with aio.Client(goals, present) as tandem:
        stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        assert (await tandem.call(stub.ListGoals, goal_pb2.ListGoalsRequest())).goals


async def test_events_of_the_journal_are_read(goals: str) -> None:
    async with aio.Client(goals, "north/sis?journal.read") as tandem:
        stub = journal_pb2_grpc.JournalServiceStub(tandem.channel)
        asked = journal_pb2.ReadJournalRequest(batch_size=2)
        records = [r async for b in tandem.journal(stub.ReadJournal, asked) for r in b.records]
    assert len(records) > 4
    events = [event_of(each.type, each.data) for each in records]
    assert {type(each).__name__ for each in events} >= {"GoalDrafted", "GoalActivated"}
    assert event_of("coaching.goals.v1.GoalSung", b"") is None
    assert event_of("coaching.songs.v1.SongSung", b"") is None


class Failing:
    """`faults`: what the next calls fail with, streams after `streams` has given its next
    messages. `asked`: the requests that came."""

    def __init__(self) -> None:
        self.faults: list[Fault | grpc.StatusCode | None] = []
        self.streams: list[list[Any]] = []
        self.asked: list[Any] = []

    async def RecordProgress(self, request: Any, context: Any) -> goal_pb2.Goal:
        self.asked.append(request)
        await self._fail(context)
        return goal_pb2.Goal(current=1)

    async def WatchCaseload(self, request: Any, context: Any) -> AsyncIterator[Any]:
        self.asked.append(request)
        for message in self.streams.pop(0):
            yield message
        await self._fail(context)

    ReadJournal = FollowEvents = WatchCaseload

    async def _fail(self, context: Any) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Fault):
            await abort(context, fault)
        elif fault is not None:
            await context.abort(fault)


@pytest.fixture
async def failing() -> AsyncIterator[tuple[Failing, str]]:
    server = grpc.aio.server()
    generated = (
        goal_pb2_grpc.GoalsServiceServicer,
        journal_pb2_grpc.JournalServiceServicer,
        caseload_pb2_grpc.CaseloadsServiceServicer,
    )
    servicer: Any = type("Servicer", (Failing, *generated), {})()
    goal_pb2_grpc.add_GoalsServiceServicer_to_server(servicer, server)
    journal_pb2_grpc.add_JournalServiceServicer_to_server(servicer, server)
    caseload_pb2_grpc.add_CaseloadsServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, f"127.0.0.1:{port}"
    await server.stop(None)


async def both(address: str, request: goal_pb2.RecordProgressRequest) -> list[Any]:
    """What either client is answered."""

    def blocking() -> goal_pb2.Goal:
        with Client(address, WHO, retry=SOON) as tandem:
            stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
            return tandem.call(stub.RecordProgress, request)

    async def waiting() -> goal_pb2.Goal:
        async with aio.Client(address, WHO, retry=SOON) as tandem:
            stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
            return await tandem.call(stub.RecordProgress, request)

    found = []
    for call in (waiting, lambda: asyncio.to_thread(blocking)):
        with pytest.raises(TandemError) as error:
            await call()
        found.append(error.value)
    return found


AWAY = Fault(Kind.UNAVAILABLE, "outcome_unknown")
BUSY = Fault(Kind.OVERLOADED, "overloaded")


@pytest.fixture
def pauses() -> Any:
    """None is waited for, and all are told."""
    told: list[float] = []

    async def noted(seconds: float) -> None:
        told.append(seconds)

    with (
        patch("tandem_client.aio.asyncio.sleep", noted),
        patch("tandem_client.blocking.time.sleep", told.append),
    ):
        yield told


async def test_what_may_pass_is_sent_again_with_the_same_id(
    failing: tuple[Failing, str], pauses: list[float]
) -> None:
    servicer, address = failing
    servicer.faults = [grpc.StatusCode.CANCELLED, BUSY, AWAY] * 2
    for error in await both(address, goal_pb2.RecordProgressRequest(value=1)):
        assert error.code == "outcome_unknown"
        ids = {servicer.asked.pop(0).request_id for _ in range(SOON.attempts)}
        assert ids == {error.request_id}
        assert len(error.request_id) == 36
    assert len(pauses) == 4
    assert all(0.001 <= each <= 0.0015 for each in pauses[::2])  # its own, and jitter
    assert all(1.0 <= each <= 1.5 for each in pauses[1::2])  # as the service asks for, and jitter


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STALE, "stale_version"),
        Fault(Kind.TOO_LARGE, "too_large"),
        Fault(Kind.NOT_FOUND, "not_found"),
    ],
    ids=lambda fault: fault.code,
)
async def test_what_would_be_refused_again_is_not_sent_again(
    failing: tuple[Failing, str], fault: Fault
) -> None:
    servicer, address = failing
    servicer.faults = [fault] * 2
    for error in await both(address, goal_pb2.RecordProgressRequest(request_id="mine")):
        assert (error.code, error.request_id) == (fault.code, "mine")
    assert len(servicer.asked) == 2


async def following(take: Callable[[], Any], number: int) -> list[Any]:
    """The first messages of a generator, of asyncio or not."""
    found: list[Any] = []
    stream = take()
    if hasattr(stream, "__anext__"):
        async for message in stream:
            found.append(message)
            if len(found) == number:
                break
        await stream.aclose()
        return found

    def blocking() -> None:
        found.extend(message for message, _ in zip(stream, range(number), strict=False))
        stream.close()

    await asyncio.to_thread(blocking)
    return found


@pytest.mark.parametrize("made", [Client, aio.Client], ids=["blocking", "asyncio"])
async def test_a_live_caseload_goes_on_after_its_last_message(
    failing: tuple[Failing, str], pauses: list[float], made: Any
) -> None:
    servicer, address = failing
    first = [
        Watched(kind=Watched.KIND_RESET, resume_token="a"),
        Watched(kind=Watched.KIND_ENTRY, resume_token="b"),
    ]
    bye = Watched(kind=Watched.KIND_BYE, resume_token="c")
    last = Watched(kind=Watched.KIND_HEARTBEAT, resume_token="d")
    servicer.streams = [first, [bye], *[[]] * 9, [last], []]
    # broken, ended with a bye, away for longer than a call would wait, and then refused
    servicer.faults = [AWAY, None, *[AWAY] * 9, None, Fault(Kind.NOT_FOUND, "not_found")]
    tandem = made(address, WHO, retry=SOON)
    stub: Any = caseload_pb2_grpc.CaseloadsServiceStub(tandem.channel)
    request = caseload_pb2.WatchCaseloadRequest(coach_id="me")
    with pytest.raises(TandemError, match="not_found"):
        await following(lambda: tandem.watch(stub.WatchCaseload, request), 4)
    assert [each.resume_token for each in servicer.asked] == ["", "b", *["c"] * 10, "d"]
    await closed(tandem)


@pytest.mark.parametrize("made", [Client, aio.Client], ids=["blocking", "asyncio"])
async def test_a_journal_goes_on_after_its_last_batch(
    failing: tuple[Failing, str], pauses: list[float], made: Any
) -> None:
    servicer, address = failing
    batches = [journal_pb2.ReadJournalResponse(next_page_token=each) for each in ("a", "b", "")]
    servicer.streams = [batches[:1], [], batches[1:], *[[]] * 3]
    servicer.faults = [AWAY] * 3  # the last one when all has come
    tandem = made(address, WHO, retry=SOON)
    stub: Any = journal_pb2_grpc.JournalServiceStub(tandem.channel)
    request = journal_pb2.ReadJournalRequest()
    found = await following(lambda: tandem.journal(stub.ReadJournal, request), 9)
    assert [each.next_page_token for each in found] == ["a", "b", ""]
    assert [each.page_token for each in servicer.asked] == ["", "a", "a"]
    servicer.faults = [AWAY] * 9
    with pytest.raises(TandemError, match="outcome_unknown"):
        await following(lambda: tandem.journal(stub.ReadJournal, request), 9)
    await closed(tandem)


@pytest.mark.parametrize("made", [Client, aio.Client], ids=["blocking", "asyncio"])
async def test_followed_events_go_on_after_their_last_position(
    failing: tuple[Failing, str], pauses: list[float], made: Any
) -> None:
    servicer, address = failing
    first, second, third = (
        [journal_pb2.FollowEventsResponse(position=each)] for each in ("a", "b", "c")
    )
    servicer.streams = [first, second, *[[]] * 9, third, [], []]
    # broken, ended by itself, away for longer than a call would wait, slow, cut with its token, and
    # then lost
    slow = Fault(Kind.LIMITED, "slow_reader")
    ended, lost = Fault(Kind.UNAUTHENTICATED, "token_ended"), Fault(Kind.CONFLICT, "position_lost")
    servicer.faults = [AWAY, None, *[AWAY] * 9, slow, ended, lost]
    given: list[str] = []

    def token() -> str:
        given.append(WHO)
        return WHO

    async def token_later() -> str:
        return token()

    tandem = made(address, token_later if made is aio.Client else token, retry=SOON)
    stub: Any = journal_pb2_grpc.JournalServiceStub(tandem.channel)
    request = journal_pb2.FollowEventsRequest(types=["t.E"])
    with pytest.raises(TandemError, match="position_lost"):
        await following(lambda: tandem.follow_events(stub.FollowEvents, request), 4)
    assert [each.position for each in servicer.asked] == ["", "a", *["b"] * 10, "c", "c"]
    assert len(given) == len(servicer.asked)  # each time the one that is good then
    assert {tuple(each.types) for each in servicer.asked} == {("t.E",)}
    await closed(tandem)


async def closed(tandem: Any) -> None:
    done = tandem.close()
    if done is not None:
        await done
