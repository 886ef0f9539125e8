"""Every RPC against hostile input: a refusal that names the field, repeats nothing, and
leaves nothing behind. The twin of `test_hostile_rest`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import grpc
import pytest
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc import StatusCode
from grpc_status import rpc_status

from tests.support.filled import Filled, unfilled
from tests.support.hostile_proto import CANARY, broken
from tests.support.operations import ANONYMOUS, CALLERS, routes
from tests.support.rpcs import Rpc, bearer, call, example, rpcs, served

NORTH = "north"
RPCS = list(rpcs(unfilled()))


def named(rpc: Rpc) -> str:
    return f"{rpc.service}-{rpc.operation}"


each_rpc = pytest.mark.parametrize("rpc", RPCS, ids=named)
IDS = frozenset(
    "relationship_id goal_id teacher_id coach_id class_id instrument_id administration_id tool_id"
    " observation_id person_id org_id item_id scale_id criterion_id district_id".split()
)
JOURNAL = {"read_journal", "follow_events"}
Metadata = tuple[tuple[str, str | bytes], ...]
OVER_A_MEBIBYTE = b"\x0a" + b"\xff\xff\x7f" + b"x" * 2_097_151
WITH_20_KILOBYTES = (("authorization", "Bearer north/admin-01"), ("x-large", "x" * 20_000))
AT_ONCE = 16


@dataclass
class Served:
    platform: Filled
    channels: Mapping[str, grpc.aio.Channel]

    def good(self, rpc: Rpc) -> Message:
        return example(self.platform, rpc, self.platform.ids[NORTH])

    async def send(
        self, rpc: Rpc, request: bytes | Message, metadata: Metadata | None = None
    ) -> Any:
        who = bearer(rpc, NORTH) if metadata is None else metadata
        return await call(self.channels[rpc.service], rpc, request, who)

    async def refused(
        self, rpc: Rpc, request: bytes | Message, what: object, metadata: Metadata | None = None
    ) -> tuple[StatusCode, list[str]]:
        """The code and the violated fields; fails on an answer, on a code that blames us,
        and on what repeats something sent."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            pytest.fail(f"{rpc.operation} took {what}: {await self.send(rpc, request, metadata)}")
        error = caught.value
        assert error.code() in REFUSALS, (rpc.operation, what, error)
        assert CANARY not in str(error), (rpc.operation, what, error)
        return error.code(), violated(error)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Everything stored is then as before."""
        before = self.platform.stored()
        yield
        assert self.platform.stored() == before


REFUSALS = {
    StatusCode.INVALID_ARGUMENT,
    StatusCode.UNAUTHENTICATED,
    StatusCode.PERMISSION_DENIED,
    StatusCode.NOT_FOUND,
    StatusCode.RESOURCE_EXHAUSTED,
}


def violated(error: grpc.aio.AioRpcError) -> list[str]:
    status = rpc_status.from_call(cast(grpc.Call, error))
    bad = error_details_pb2.BadRequest()
    for detail in status.details if status else ():
        detail.Unpack(bad)
    return [each.field for each in bad.field_violations]


@pytest.fixture(scope="module")
async def edge() -> AsyncIterator[Served]:
    """Shared by every test here, because none of them changes anything."""
    platform = Filled()
    await platform.fill(NORTH)
    async with served(platform) as channels:
        yield Served(platform, channels)


def test_every_rpc_is_known_here_and_has_a_route() -> None:
    operations = {each.operation for each in RPCS}
    assert operations <= CALLERS.keys()
    rest = {each.operation for each in routes(Filled())}
    # for browsers, which send no metadata; and a file, which comes in pieces
    assert rest - operations == {"issue_ticket", "get_import_report"}
    assert operations - rest == JOURNAL


async def test_the_requests_that_are_broken_here_are_good_as_they_are() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    async with served(platform) as channels:
        for rpc in sorted(RPCS, key=lambda each: each.operation not in ANONYMOUS):
            if rpc.operation != "import_roster":
                good = example(platform, rpc, platform.ids[NORTH])
                await call(channels[rpc.service], rpc, good, bearer(rpc, NORTH))


def takes(field: str, value: object) -> bool:
    """What breaks other fields of the type but not this one: a page is cut to its largest
    size, a journal may be read up to any instant, and a scale may hold -1."""
    if field == "page_size":
        return isinstance(value, int) and value > 0
    return (field, value) in (("until", -1), ("scales[0].values[0]", -1))


@each_rpc
async def test_one_broken_field_is_named_and_nothing_is_stored(edge: Served, rpc: Rpc) -> None:
    with edge.unchanged():
        for each in broken(edge.good(rpc), IDS):
            if takes(each.field, each.value):
                continue
            code, fields = await edge.refused(rpc, each.raw, each)
            if rpc.operation in JOURNAL and each.field == "district_id":
                assert code is StatusCode.NOT_FOUND  # as every district that is not the caller's
                continue
            assert code is StatusCode.INVALID_ARGUMENT, (each, code)
            assert fields, each
            assert fields[0].startswith(each.field.removesuffix("[0]")), (each, fields)


@each_rpc
async def test_bytes_that_are_no_such_message(edge: Served, rpc: Rpc) -> None:
    chance = random.Random(rpc.path)
    message = rpc.message_class
    texts = [
        field.number for field in rpc.method.input_type.fields if field.type == field.TYPE_STRING
    ]
    garbage = [b"\xff" * 11, b"\x0a\xff", b"\x00", b"\x08" + b"\xff" * 10, b"\x0b" * 200]
    garbage += [bytes([number << 3 | 2, 3, 0xED, 0xA0, 0x80]) for number in texts if number < 16]
    garbage += [chance.randbytes(chance.randrange(1, 60)) for _ in range(15)]
    with edge.unchanged():
        for raw in garbage:
            try:
                message().ParseFromString(raw)
            except DecodeError:
                code, _ = await edge.refused(rpc, raw, raw)
                assert code is StatusCode.INVALID_ARGUMENT, (raw, code)


@pytest.mark.parametrize("service", sorted({rpc.service for rpc in RPCS}))
async def test_a_message_over_a_mebibyte_and_metadata_of_20_kilobytes(
    edge: Served, service: str
) -> None:
    """Many at once, since gRPC takes a tenth of a second to refuse one."""
    room = asyncio.Semaphore(AT_ONCE)

    async def refused(rpc: Rpc, request: bytes | Message, metadata: Metadata | None) -> None:
        async with room:
            code, _ = await edge.refused(rpc, request, "too much", metadata)
        assert code is StatusCode.RESOURCE_EXHAUSTED, rpc.operation

    with edge.unchanged():
        async with asyncio.TaskGroup() as group:
            for rpc in (each for each in RPCS if each.service == service):
                group.create_task(refused(rpc, OVER_A_MEBIBYTE, None))
                group.create_task(refused(rpc, edge.good(rpc), WITH_20_KILOBYTES))


async def test_messages_of_other_rpcs_break_nothing() -> None:
    """Wires look alike, so some of them are even good."""
    platform = Filled()
    await platform.fill(NORTH)
    messages = [(other, example(platform, other, platform.ids[NORTH])) for other in RPCS]
    async with served(platform) as channels:
        for number, rpc in enumerate(RPCS):
            for other, message in messages[number % 7 :: 7]:
                code = StatusCode.OK
                try:
                    await call(channels[rpc.service], rpc, message, bearer(rpc, NORTH))
                except grpc.aio.AioRpcError as error:
                    code = error.code()
                late = {StatusCode.OK, StatusCode.FAILED_PRECONDITION, StatusCode.ABORTED}
                assert code in REFUSALS | late, (rpc.operation, other.operation, code)


@each_rpc
async def test_missing_required_fields(edge: Served, rpc: Rpc) -> None:
    if rpc.operation.split("_")[0] in ("list", "read", "watch", "follow") or rpc.operation in (
        "get_own_caseload",
        "get_attention",
        "get_own_pairs",
        "get_me",
        "get_check_ins",
        "get_take_out",
        "summarize_experience",
        "summarize_refused_purposes",
        "get_retention",
    ):
        return
    with edge.unchanged():
        code, fields = await edge.refused(rpc, b"", "empty")
        assert code is StatusCode.INVALID_ARGUMENT
        assert fields or rpc.operation == "import_roster"


TOKENS: list[tuple[Metadata, set[StatusCode]]] = [
    *(
        (metadata, {StatusCode.UNAUTHENTICATED})
        for metadata in (
            (),
            (("authorization", ""),),
            (("authorization", "Bearer"),),
            (("authorization", f"Basic {CANARY}"),),
            (("authorization", f"Bearer {CANARY}"),),
            (("authorization-bin", b"Bearer north/admin-01"),),
        )
    ),
    *(
        ((("authorization", f"Bearer north/{person}"),), {StatusCode.PERMISSION_DENIED})
        for person in ('{"$gt":""}', "$where", "a.b:c", CANARY * 100)
    ),
]


@pytest.mark.parametrize(
    "rpc", [each for each in RPCS if each.operation not in ANONYMOUS], ids=named
)
async def test_hostile_metadata(edge: Served, rpc: Rpc) -> None:
    with edge.unchanged():
        for metadata, codes in TOKENS:
            code, _ = await edge.refused(rpc, edge.good(rpc), metadata, metadata)
            hidden = {StatusCode.NOT_FOUND} if StatusCode.PERMISSION_DENIED in codes else set()
            assert code in codes | hidden, (metadata, code)
