"""gRPC inputs over sockets to the services' own servers in this process."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
from grpc import StatusCode

from tests.fuzz.kept import Kept
from tests.fuzz.rest import FRESH
from tests.fuzz.rpc_inputs import Call, Calls
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled
from tests.support.hostile_json import CANARY
from tests.support.rpcs import call, rpcs, served

REFUSALS = {
    StatusCode.INVALID_ARGUMENT,
    StatusCode.UNAUTHENTICATED,
    StatusCode.PERMISSION_DENIED,
    StatusCode.NOT_FOUND,
    StatusCode.RESOURCE_EXHAUSTED,
    StatusCode.FAILED_PRECONDITION,
    StatusCode.ABORTED,
}


async def answer(
    channels: Mapping[str, grpc.aio.Channel], made: Call, fault: bool = False
) -> StatusCode:
    """The code. Raises Wrong for one that blames us, and for an answer that repeats what was
    sent; `fault` allows what says to try again."""
    try:
        metadata = tuple(made.metadata.items())
        await call(channels[made.rpc.service], made.rpc, made.content, metadata)
    except grpc.aio.AioRpcError as error:
        late = {StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED} if fault else set()
        if error.code() not in REFUSALS | late:
            raise Wrong(f"neither taken nor refused: {error!r}") from error
        trailing = b"".join(
            each if isinstance(each, bytes) else each.encode()
            for _, each in error.trailing_metadata() or ()
        )
        if CANARY in str(error) or CANARY.encode() in trailing:
            raise Wrong(f"the input is repeated: {error!r}") from error
        return error.code()
    return StatusCode.OK


async def rpc(seed: int, count: int) -> Tally:
    platform = Filled()
    await platform.fill("north")
    await platform.fill("south")
    calls = Calls(seed, platform, list(rpcs(platform)), platform.ids["north"])
    kept, tally = Kept(platform), Tally("grpc", seed)
    before = kept.digest()
    async with served(platform) as channels:
        for number in range(count):
            if number == count // 5:
                tally.warm()
            if number % FRESH == 0:
                kept.put_back()
                before = kept.digest()
            made = calls.call(number)
            try:
                code = await answer(channels, made)
                after = kept.digest()
                if after != before and code is not StatusCode.OK:
                    raise Wrong(f"something is left behind after {code}")
                before = after
            except Exception as error:
                raise Wrong(f"{error!r}: {told(made, number, seed)}") from error
            tally.add(made.rpc.path, code.name)
        tally.end()
    await platform.settle()
    kept.check_projected()
    return tally


def told(made: Call, number: int, seed: int) -> str:
    return (
        f"input {number} of seed {seed}: {made.rpc.path} {made.broken} {made.metadata!r:.400}"
        f" {made.content[:800]!r}"
    )
