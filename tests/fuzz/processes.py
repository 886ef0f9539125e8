"""REST inputs over raw sockets, and gRPC inputs, to the services as processes on real
engines, some of them while an engine is out of reach."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from services.chassis import clock
from tests.fuzz import chance as chances
from tests.fuzz.rest import Schemas, judge, told
from tests.fuzz.rest_inputs import Input, Inputs
from tests.fuzz.rpc import answer
from tests.fuzz.rpc import told as told_rpc
from tests.fuzz.rpc_inputs import Calls
from tests.fuzz.tally import Tally, Wrong, resident
from tests.support.asking import Asks
from tests.support.clocks import START
from tests.support.faults import FaultyEngines
from tests.support.filling import Filling
from tests.support.hostile_json import CANARY
from tests.support.operations import ANONYMOUS, Ids, routes
from tests.support.platform import Platform
from tests.support.raw_http import RawAnswer
from tests.support.rpcs import channel, rpcs
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import eventually

_NO_HTTP = b"Invalid HTTP request received."  # in uvicorn's own words
_FRAMING = {b"transfer-encoding", b"upgrade"}  # without them it is known where a body ends
_ODD_TARGET, _ODD_VALUE = re.compile(r"[^!-~]"), re.compile(rb"[\x00-\x08\n-\x1f\x7f]")
_UNREAD = 65_536  # of a body, more than which a server need not read before it answers
SECONDS, NO_HTTP_SECONDS = 10.0, 2.0  # to wait for an answer; what is no HTTP may get none
NOW = START.isoformat()  # the examples' dates are about this instant, whenever they are sent
EVERY, AT_ONCE = 250, 25  # inputs; so many of so many meet a fault


async def processes(seed: int, count: int) -> Tally:
    with tempfile.TemporaryDirectory(prefix="tandem-fuzz-") as folder:
        engines = FaultyEngines(Path(folder))
        try:
            await asyncio.gather(engines.start_broker(), engines.start_mongod())
            async with running_stack(engines.addresses, Path(folder) / "stack", "fuzz") as stack:
                documents = Platform()  # for its OpenAPI documents and its RPCs only
                await check_examples(stack, documents, await _filled(stack, documents, "south"))
                ids = await _filled(stack, documents, "north")
                return await Fuzzed(seed, stack, engines, documents, ids).run(count)
        finally:
            await engines.stop()


class Fuzzed:
    """REST and gRPC inputs in turn; now and then many at once while an engine cannot be
    reached as usual, and only then may one be told to try again."""

    def __init__(
        self,
        seed: int,
        stack: RunningStack,
        engines: FaultyEngines,
        documents: Platform,
        ids: Ids,
    ) -> None:
        self.stack, self.seed = stack, seed
        self.rest = _inputs(seed, stack, documents, ids)
        self.grpc = Calls(seed, documents, list(rpcs(documents)), ids, stack.token)
        self.schemas, self.tally = Schemas(documents), Tally("processes", seed)
        self.channels = {name: channel(stack.stack.grpc(name)) for name in documents.services}
        mongod, kafka = engines.mongod_proxy, engines.kafka_proxy
        self.faults = [
            (mongod.silent, mongod.calm),
            (kafka.silent, kafka.calm),
            (mongod.down, mongod.calm),
            (mongod.reset, mongod.calm),
            (lambda: mongod.slow(1.0), mongod.calm),
        ]

    async def run(self, count: int) -> Tally:
        warm: dict[str, float] = {}
        number = 0
        while number < count:
            if not warm and number >= count // 5:
                warm = _memory(self.stack)
            if number % EVERY == EVERY // 2:
                await self._at_once(number)
                number += AT_ONCE
            else:
                await self._input(number)
                number += 1
        for each in self.channels.values():
            await each.close()
        self.tally.grown(max(now - warm[name] for name, now in _memory(self.stack).items()))
        self.tally.note = "  memory of the process that grew most"
        for service in self.channels:
            await self.stack.ready(service)
        await self.stack.assert_cards_are_true()
        return self.tally

    async def _at_once(self, number: int) -> None:
        begin, calm = self.faults[number // EVERY % len(self.faults)]
        begin()
        try:
            await asyncio.gather(
                *(self._input(each, fault=True) for each in range(number, number + AT_ONCE))
            )
        finally:
            calm()
        for service in self.channels:
            await self.stack.ready(service)

    async def _input(self, number: int, fault: bool = False) -> None:
        if number % 2:
            await self._rpc(number, fault)
        else:
            await self._rest(number, fault)

    async def _rest(self, number: int, fault: bool) -> None:
        made, got = self.rest.input(number), None
        try:
            if number % 20 == 0:
                await _noise(self.stack, made, Random(f"{self.seed}:noise:{number}"))
            port = self.stack.stack.ports[made.route.service].rest
            got = await answered(port, made, SECONDS)
            if got is not None:
                judge(made, got, self.schemas, fault)
        except Exception as error:
            raise Wrong(f"{error!r}: {told(made, number, self.seed, got)}") from error
        self.tally.add(made.route.operation, _class(got))

    async def _rpc(self, number: int, fault: bool) -> None:
        made = self.grpc.call(number)
        try:
            code = await answer(self.channels, made, fault)
        except Exception as error:
            raise Wrong(f"{error!r}: {told_rpc(made, number, self.seed)}") from error
        self.tally.add(made.rpc.path, code.name)


def _class(answer: RawAnswer | None) -> str:
    if answer is None:
        return "no HTTP"
    return str(answer.status) if answer.status >= 500 else f"{answer.status // 100}xx"


def _memory(stack: RunningStack) -> dict[str, float]:
    return {name: resident(child.pid) for name, child in stack._children.items()}


class Patient(Asks):
    """Asks again until it is taken: what was done is known elsewhere in its time."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack

    def client(self, service: str, caller: str) -> httpx2.AsyncClient:
        return self._stack.client(service, caller)

    async def ask(self, *what: Any, **more: Any) -> httpx2.Response:
        more["headers"] = {**(more.get("headers") or {}), clock.HEADER: NOW}
        answers: list[httpx2.Response] = []

        async def taken() -> bool:
            with contextlib.suppress(AssertionError):
                answers.append(await super(Patient, self).ask(*what, **more))
            return bool(answers)

        await eventually(taken, timeout=30)
        return answers[0]


def _inputs(seed: int, stack: RunningStack, documents: Platform, ids: Ids) -> Inputs:
    more = [(clock.HEADER.encode(), NOW.encode())]
    return Inputs(seed, documents, list(routes(documents)), ids, stack.token, more)


async def _filled(stack: RunningStack, documents: Platform, district: str) -> Ids:
    """One of everything, as in every other part."""

    async def settled() -> None:
        """Who asks is patient."""

    return await Filling(Patient(stack), documents, settled).fill(district)


async def check_examples(stack: RunningStack, documents: Platform, ids: Ids) -> None:
    """Raises Wrong where an operation has no object in a state that it can work on: all that a
    broken request would meet is a refusal that has nothing to do with what is broken."""
    rest = _inputs(0, stack, documents, ids)
    for route in sorted(rest.routes, key=lambda each: each.operation not in ANONYMOUS):
        made = rest.valid(route)
        got = await answered(stack.stack.ports[route.service].rest, made, SECONDS)
        if got is None or not (200 <= got.status < 300 or got.status in (409, 412)):
            raise Wrong(f"{route.operation} has no valid example: {got}")


async def answered(port: int, made: Input, seconds: float) -> RawAnswer | None:
    """The answer. None where the input is no HTTP and the server cut the connection or said so;
    to any other input an answer that does not come, or not whole, is Wrong."""
    if not _is_http(made):
        return (await _exchange(port, _raw(made), min(seconds, NO_HTTP_SECONDS)))[0]
    got, silent = await _exchange(port, _raw(made), seconds)
    if silent:
        raise Wrong(f"nothing came for {seconds} s")
    if len(made.content) > _UNREAD:  # cut before it was read; that may lose the answer
        return got
    if got is None:
        raise Wrong("the connection ended without an answer")
    if made.method != "HEAD" and len(got.body) < int(got.headers.get("content-length", "0")):
        raise Wrong("the connection ended within an answer")
    return got


def _is_http(made: Input) -> bool:
    """Whether it is one whole request to a server that knows HTTP, whatever it says."""
    return (
        made.method != CANARY
        and not _ODD_TARGET.search(made.target)
        and not any(name in _FRAMING or _ODD_VALUE.search(value) for name, value in made.headers)
    )


def _raw(made: Input) -> bytes:
    body = made.content
    lines = [f"{made.method} {made.target} HTTP/1.1".encode()]
    if b"host" not in dict(made.headers):
        lines.append(b"host: localhost")
    lines += [name + b": " + value for name, value in made.headers]
    if made.pieces > 1:
        lines.append(b"transfer-encoding: chunked")
        size = max(1, -(-len(body) // made.pieces))
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in parts) + b"0\r\n\r\n"
    else:
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*lines, b"connection: close", b"", body])


async def _noise(stack: RunningStack, made: Input, chance: Random) -> None:
    """Bytes that are no HTTP, or a part of it, for more of which a server may wait."""
    raw = chances.mangled(chance, f"GET {made.target} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    raw = chance.choice([raw, chance.randbytes(300), raw + b"\r\n" * 3])
    answer, _ = await _exchange(stack.stack.ports[made.route.service].rest, raw, NO_HTTP_SECONDS)
    if answer is not None and (answer.status >= 500 or CANARY.encode() in answer.body):
        raise Wrong(f"noise {raw[:300]!r} -> {answer}")


async def _exchange(port: int, data: bytes, seconds: float) -> tuple[RawAnswer | None, bool]:
    """What comes back, and whether it was given up since nothing came for so long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got, silent = b"", False
    try:
        writer.write(data)
        while chunk := await asyncio.wait_for(reader.read(65_536), seconds):
            got += chunk
            if b"text/event-stream" in got:
                break
    except TimeoutError:
        silent = True
    except ConnectionError:
        pass  # what came before it is judged
    finally:
        writer.close()
    return _parsed(got), silent


def _parsed(got: bytes) -> RawAnswer | None:
    head, split, body = got.partition(b"\r\n\r\n")
    if not split or body == _NO_HTTP:
        return None
    first, *lines = head.split(b"\r\n")
    pairs = [line.partition(b": ") for line in lines]
    headers = {name.decode("latin-1").lower(): v.decode("latin-1") for name, _, v in pairs}
    return RawAnswer(int(first.split(b" ")[1]), headers, body)
