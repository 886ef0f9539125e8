"""Two districts whose rosters share every id: what is north's does not exist for south,
byte for byte, in what is answered, logged and left behind, and no text of north's leaves it."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from services.assembly.registry import TOPICS
from tests.support.doors import Doors
from tests.support.effects import kept_of, logged
from tests.support.filled import Filled, unfilled
from tests.support.operations import Ids, Route, caller_of, example_body, routes
from tests.support.raw_http import RawAnswer
from tests.support.rpcs import Rpc, bearer, call, rpcs, served

NORTH, SOUTH = "north", "south"
CANARY = "Canary-north"
ROUTES, RPCS = list(routes(unfilled())), list(rpcs(unfilled()))
PEOPLE = ("", "teacher-0001", "teacher-0002", "coach-01", "admin-01", "leader-01", "nobody")
SHARED = {"teacher_id", "coach_id", "person_id", "class_id", "org_id", "school_year"}
SHARED |= {"measure_id", "draft_id"}  # which callers choose
SHARED |= {"process_template_id"}  # which ship
# Of a person whom south has, too, by the same id: it is south's own, and done once.
ONCE = ("order_erasure", "hold_erasure", "release_erasure", "withdraw_erasure")
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TRACES = re.compile(rb'"trace_id":"\w+"|trace_id\\x12 \w+|urn:tandem:request:\w+')
_CODE = re.compile(rb"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
_TICKET = re.compile(rb'"ticket":"[\w-]{43}","expires_at":"[^"]+"')
_SEALED = re.compile(rb"A[g-v][\w-]{100,}")  # a position


class Districts(Doors):
    def foreign(self) -> Ids:
        """North's ids, in a request of south's."""
        return {**self.platform.ids[NORTH], "district_id": SOUTH}

    def missing(self) -> Ids:
        """As many ids of nothing, the same each time: where callers choose ids, south has its own
        under both."""
        return {
            name: str(uuid.uuid5(uuid.NAMESPACE_OID, name))
            if _UUID.fullmatch(id_.encode())
            else id_
            for name, id_ in self.foreign().items()
        }


@pytest.fixture(scope="module")
async def districts() -> AsyncIterator[Districts]:
    """Shared: what south does here to itself makes no difference to any of these tests."""
    platform = Filled()
    await platform.fill(NORTH, CANARY)
    await platform.fill(SOUTH)
    async with served(platform) as channels:
        yield Districts(platform, channels)


def plain(data: bytes) -> bytes:
    """Without what is new in every answer: ids, codes, tickets, what is sealed, and the request's
    own name."""
    for pattern, name in (
        (_TRACES, b""),
        (_TICKET, b"ticket"),
        (_SEALED, b"sealed"),
        (_UUID, b"id"),
        (_CODE, b"code"),
    ):
        data = pattern.sub(name, data)
    return data


def shown(answer: RawAnswer) -> tuple[int, bytes, dict[str, bytes]]:
    headers = {name: plain(value.encode()) for name, value in answer.headers.items()}
    headers.pop("x-request-id")
    return answer.status, plain(answer.body), headers


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
async def test_norths_objects_do_not_exist_for_south(districts: Districts, route: Route) -> None:
    usual = caller_of(route.operation, SOUTH)
    for token in {usual, *(f"{SOUTH}/{who}" if who else "" for who in PEOPLE)}:
        kept = kept_of(districts.platform, NORTH)
        with logged() as lines:
            theirs = await districts.rest(route, districts.foreign(), token)
        with logged() as others:
            nobodys = await districts.rest(route, districts.missing(), token)
        assert kept_of(districts.platform, NORTH) == kept
        assert CANARY.encode() not in lines.whole()
        assert plain(lines.of_each()) == plain(others.of_each()), token
        assert CANARY.encode() not in theirs.body
        assert not any(CANARY in value for value in theirs.headers.values())
        assert theirs.status < 500
        # of the one events have times and places of their own; the other tells what it did, once
        if route.operation not in ("watch_caseload", "carry_over_relationships"):
            assert shown(theirs) == shown(nobodys), token
        named = set(re.findall(r"{(\w+)}", route.template))
        if token == usual and named - SHARED:
            assert theirs.status == 404


@pytest.mark.parametrize("rpc", RPCS, ids=lambda each: f"{each.service}-{each.operation}")
async def test_norths_objects_do_not_exist_for_south_over_grpc(
    districts: Districts, rpc: Rpc
) -> None:
    people = [(("authorization", f"Bearer {SOUTH}/{who}"),) for who in PEOPLE if who]
    for metadata in [bearer(rpc, SOUTH), *people]:
        kept = kept_of(districts.platform, NORTH)
        with logged() as lines:
            theirs = await districts.rpc(rpc, districts.foreign(), metadata)
        with logged() as others:
            nobodys = await districts.rpc(rpc, districts.missing(), metadata)
        assert kept_of(districts.platform, NORTH) == kept
        assert CANARY.encode() not in lines.whole()
        if rpc.operation not in ("watch_caseload", *ONCE):
            assert plain(lines.of_each()) == plain(others.of_each()), metadata
        assert CANARY.encode() not in theirs[1]
        assert theirs[0] not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
        if rpc.operation not in ("watch_caseload", *ONCE):
            assert (theirs[0], plain(theirs[1])) == (nobodys[0], plain(nobodys[1]))


async def test_north_itself_sees_its_texts(districts: Districts) -> None:
    """Otherwise the canaries would prove nothing."""
    ids = districts.platform.ids[NORTH]
    seen = set()
    for route in ROUTES:
        if route.method == "GET":
            answer = await districts.rest(route, ids, caller_of(route.operation, NORTH))
            if CANARY.encode() in answer.body:
                seen.add(route.operation)
    assert seen >= {
        "get_person", "list_people", "list_classes", "list_orgs", "get_calendar", "get_goal",
        "list_goals", "get_instrument", "list_instruments", "get_tool", "list_tools",
        "get_observation", "get_own_caseload", "get_caseload", "watch_caseload", "get_card",
    }  # fmt: skip


async def test_souths_partner_does_not_read_norths_journal(districts: Districts) -> None:
    token = (("authorization", f"Bearer {SOUTH}/sis?journal.read"),)
    for rpc in RPCS:
        if rpc.operation in ("read_journal", "follow_events"):
            answers = []
            for district in (NORTH, "nowhere", "*"):
                request = rpc.request(district_id=district)
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await call(districts.channels[rpc.service], rpc, request, token)
                answers.append((caught.value.code(), caught.value.details()))
            assert len(set(answers)) == 1
            own = await call(districts.channels[rpc.service], rpc, rpc.request(), token)
            assert CANARY.encode() not in own


async def test_the_same_key_in_two_districts_makes_two_things(districts: Districts) -> None:
    platform, key = districts.platform, {"Idempotency-Key": "the-same"}
    made = []
    for district in (NORTH, SOUTH):
        body = example_body(platform, "draft_goal", platform.ids[SOUTH])
        caller = f"{district}/coach-01"
        answer = await platform.ask(caller, "POST", "/goals/v1/goals", body, headers=key)
        assert "idempotency-replayed" not in answer.headers
        made.append(answer.json()["goal_id"])
    assert made[0] != made[1]


async def test_a_page_token_of_north_is_no_place_in_south(districts: Districts) -> None:
    path = "/roster/v1/people?page_size=1"
    first = await districts.platform.ask(f"{NORTH}/admin-01", "GET", path)
    token = first.json()["next_page_token"]
    path = f"{path}&page_token={token}"
    await districts.platform.ask(f"{NORTH}/admin-01", "GET", path)
    refused = await districts.platform.ask(f"{SOUTH}/admin-01", "GET", path, status=422)
    assert refused.json()["code"] == "page_token"


async def test_no_free_text_and_no_student_is_in_any_event(districts: Districts) -> None:
    await districts.platform.settle()
    count = 0
    for topic in TOPICS:
        for record in districts.platform.log.all(topic):
            whole = b"\0".join(
                [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
            )
            count += 1
            assert f"{CANARY} ".encode() not in whole, record  # a note, a statement, a label
            assert b"-student" not in whole, record
            assert districts.platform.ids[NORTH]["code"].encode() not in whole
    assert count > 50
    assert f"{CANARY}-student" not in repr(districts.platform.stored())


async def test_each_districts_rows_are_its_own(districts: Districts) -> None:
    await districts.platform.settle()
    for service in districts.platform.services.values():
        rows: Any = service.backing.views
        for collection, found in rows.rows.items():
            for row_id, row in found.items():
                # a to-do is named by its duty first, and by its event's key last
                whose = row_id.split(":")[-2 if collection.startswith("duties") else 0]
                assert row["district"] == whose
                if row["district"] == SOUTH:
                    assert CANARY not in repr(row)
