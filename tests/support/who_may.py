"""Everybody asks every operation, over REST and gRPC, what is a teacher's: what each is answered,
by status and code."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.access.policy import Policy
from tests.support.exchanges import NEVER_ENDING, OF_BYTES
from tests.support.filled import Filled, unfilled
from tests.support.operations import ANONYMOUS, Route, example_body, ids_for, routes
from tests.support.personal_records import OFFICER
from tests.support.raw_http import JSON, send
from tests.support.rpcs import Rpc, call, example, rpcs, served

NORTH = "north"
# who she is to the teacher `teacher-0001`, whose everything here is
PEOPLE: Mapping[str, str] = {
    "herself": f"{NORTH}/teacher-0001",
    "her coach": f"{NORTH}/coach-01",
    "of a pair with her": f"{NORTH}/teacher-0004",
    "another teacher": f"{NORTH}/teacher-0002",
    "another coach": f"{NORTH}/coach-02",
    "an administrator": f"{NORTH}/admin-01",
    "a records officer": f"{NORTH}/leader-01",
    "a program lead": f"{NORTH}/teacher-0003",
    "a stranger": f"{NORTH}/nobody",
    "a partner": f"{NORTH}/sis?other.scope",
    "somebody of another district": "south/teacher-0001",
    "nobody": "",
}
APART = (NEVER_ENDING, OF_BYTES, *ANONYMOUS)
STALE = '"999"'
ZIP = (b"content-type", b"application/zip")
NOTHING_IN_IT = b"PK\5\6" + bytes(18)  # an archive
# What is asked once more, of what is hers and shown: the usual request is of the caller's own, or
# of what is hidden from all but one. Operation -> what it names, by the ids of the platform.
_SHARED = """get_observation record_scores reschedule_observation complete_observation
    reopen_observation cancel_observation hand_over_observation share_observation""".split()
AGAIN: Mapping[str, Mapping[str, str]] = {
    "list_relationships": {"teacher_id": "teacher_id"},
    **{
        f"{each}_handover": {"relationship_id": "relationship_id"}
        for each in ("accept", "decline", "withdraw")
    },
    "list_classes": {"teacher_id": "teacher_id"},
    "list_grants": {"person_id": "teacher_id"},
    "list_covers": {"teacher_id": "teacher_id"},
    "add_provisional_person": {"person_id": "teacher_id"},
    "withdraw_provisional_person": {"person_id": "teacher_id"},
    "list_acknowledgments": {"person_id": "teacher_id"},
    "list_looks": {"person_id": "teacher_id"},
    "list_receipts": {"person_id": "teacher_id"},
    "list_artifact_erasures": {"person_id": "teacher_id"},
    "list_personal_records": {"person_id": "teacher_id"},
    **{each: {"observation_id": "shared_observation"} for each in _SHARED},
    "list_enrollments": {"teacher_id": "teacher_id"},
    "list_trainings": {"person_id": "teacher_id"},
    "list_circles": {"member_id": "teacher_id"},
    "withdraw_enrollment": {"enrollment_id": "enrollment_id"},
    "rejoin_enrollment": {"enrollment_id": "enrollment_id"},
}
Answers = Mapping[str, str]  # who -> what was answered


@dataclass
class World:
    platform: Filled
    channels: Mapping[str, grpc.aio.Channel]

    def policies(self, service: str) -> dict[str, Policy]:
        api = self.platform.services[service].api
        assert api is not None
        return api.policies

    async def rest(self, route: Route, again: bool = False) -> Answers:
        return {who: await self.ask(route, token, again) for who, token in PEOPLE.items()}

    async def ask(self, route: Route, token: str, again: bool = False) -> str:
        """Nothing is changed: a change comes with a version that was never there."""
        ids = self.platform.ids[NORTH]
        more = self.more(route.operation, again)
        path = route.template.format(**{**ids_for(route.operation, ids), **more})
        asks = {**{name: ids[name] for name in route.asks}, **more}
        query = "&".join(f"{name}={value}" for name, value in asks.items() if value not in path)
        ends = route.operation != NEVER_ENDING
        kind = ZIP if route.operation == OF_BYTES else JSON
        headers = [kind, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        if any(each["name"] == "If-Match" for each in route.parameters):
            headers.append((b"if-match", STALE.encode()))
        body = example_body(self.platform, route, ids) if route.body else None
        if body is not None and route.operation in ANONYMOUS:
            body["code"] = "of-nobody"
        said = json.dumps(body).encode() if body is not None else b""
        answer = await send(
            self.platform.services[route.service].app,
            route.method,
            path + (f"?{query}" if query else ""),
            headers=headers,
            body=NOTHING_IN_IT if route.operation == OF_BYTES else said,
            leave_after=0 if ends else 1,
        )
        code = f" {answer.json()['code']}" if answer.status >= 400 else ""
        return f"{answer.status}{code}"

    def more(self, operation: str, again: bool) -> Mapping[str, str]:
        named = AGAIN[operation] if again else {}
        return {name: self.platform.ids[NORTH][known] for name, known in named.items()}

    async def grpc(self, rpc: Rpc, again: bool = False) -> Answers:
        return {
            who: (await self.ask_rpc(rpc, token, again)).partition(" ")[0]
            for who, token in PEOPLE.items()
        }

    async def ask_rpc(self, rpc: Rpc, token: str, again: bool = False) -> str:
        """As `ask`."""
        request: Any = example(self.platform, rpc, self.platform.ids[NORTH])
        for name, value in self.more(rpc.operation, again).items():
            setattr(request, name, value)
        if rpc.operation in ANONYMOUS and "code" in request.DESCRIPTOR.fields_by_name:
            request.code = "of-nobody"
        if "etag" in request.DESCRIPTOR.fields_by_name:
            request.etag = STALE
        metadata = (("authorization", f"Bearer {token}"),) if token else (("x-none", ""),)
        try:
            await call(self.channels[rpc.service], rpc, request, metadata)
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name} {reason_of(error)}"
        return "OK"


@asynccontextmanager
async def whole_world() -> AsyncIterator[World]:
    platform = Filled()
    await platform.fill(NORTH)
    await platform.fill("south")
    await _name_officer(platform)
    async with served(platform) as channels:
        yield World(platform, channels)


async def _name_officer(platform: Filled) -> None:
    """Of the teacher: it lets her do nothing else."""
    today = platform.clock.now().date().isoformat()
    named = {"person_id": "leader-01", "person_ids": ["teacher-0001"], "end_date": today}
    made = await platform.ask(f"{NORTH}/admin-01", "POST", "/roster/v1/grants", OFFICER | named)
    assert made.status_code == 201
    await platform.settle()


def asked(service: str) -> Iterator[Route]:
    for route in routes(Filled()):
        if route.service == service and route.operation not in APART:
            yield route


def apart() -> Sequence[Route]:
    """What never ends, takes bytes or asks for no account."""
    return [route for route in routes(Filled()) if route.operation in APART]


SERVICES = tuple(unfilled().services)
ROUTES = [route for service in SERVICES for route in asked(service)]
RPCS = [each for each in rpcs(unfilled()) if each.operation not in APART]
RPCS_APART = [each for each in rpcs(unfilled()) if each.operation in APART]


def times(operation: str) -> tuple[bool, ...]:
    """Whether it is the second time that it is asked."""
    return (False, True) if operation in AGAIN else (False,)


def line(operation: str, who: str, again: bool, told: str) -> str:
    return f"{operation}: {who}{', of hers' * again}: {told}"


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The code in its ErrorInfo, as REST writes it; empty where it has none."""
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(cast(grpc.Call, error))
    found = [each for each in (status.details if status else ()) if each.Unpack(info)]
    return str(info.reason).lower() if found else ""
