"""South asks for what is north's, at volume: no text of north's comes back or is logged, and every
answer is, byte for byte, that for an object that does not exist, as is all else that it leaves: who
looked, what is stored. Nothing of north's changes. Every operation is asked as often."""

from __future__ import annotations

import json
import uuid
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import grpc

from tests.component.test_isolation import CANARY, NORTH, PEOPLE, SOUTH, plain, shown
from tests.fuzz.kept import Kept
from tests.fuzz.tally import Tally, Wrong
from tests.support.doors import told
from tests.support.effects import kept_of, logged
from tests.support.filled import Filled
from tests.support.operations import Ids, Route, caller_of, example_body, routes
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.rpcs import Rpc, call, example, rpcs, served

_PARTNER = "sis?roster.read+roster.write+journal.read"
KEY = b"norths-own"  # that north has used before
# the same in both districts, because their rosters are
_SHARED = (
    "teacher_id",
    "coach_id",
    "person_id",
    "class_id",
    "org_id",
    "progress_number",
    "evidence_number",
    "comment_number",
    "result_number",
    "criterion_id",
    "calendar",
    "measure_id",
    "about_id",
    "unwanted_draft",
    "draft_id",  # which callers choose, and which a save repeats
    "new_person",
    "unwanted_person",
    "held_person",
    "waiting_person",
    "person_to_erase",
    "person_to_hold",
    "new_partner",
    "process_template_id",  # which ship
)
SOUTHS = 4  # of what `kept_of` tells: documents, versions, events, drafts
_SIGNED = ("document_sha256", "key", "signature")  # which are no ids, as a code is none


class Asked:
    """One request of south's, twice: with ids of north's, and with ids of nothing."""

    def __init__(self, platform: Filled, chance: Random) -> None:
        self.platform, self.chance = platform, chance
        north, south = platform.ids[NORTH], platform.ids[SOUTH]
        self.theirs: Ids = {**north, "district_id": SOUTH}
        self.nothing: Ids = dict(self.theirs)
        for name in north.keys() - {*_SHARED, "district_id", "code", *_SIGNED}:
            if chance.random() < 0.15:
                self.theirs[name] = self.nothing[name] = south[name]
            else:
                self.theirs[name] = chance.choice(_objects(north))
                self.nothing[name] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        if chance.random() < 0.5:  # what fits, so that more than its absence could be wrong
            for name in self.theirs.keys() - {"district_id"}:
                if self.nothing[name] != south.get(name):
                    self.theirs[name] = north[name]

    def token(self, operation: str) -> str:
        if self.chance.random() < 0.5:
            return caller_of(operation, SOUTH)
        who = self.chance.choice([*PEOPLE, _PARTNER])
        return f"{SOUTH}/{who}" if who else ""

    def both(self, route: Route) -> tuple[list[Any], list[Any]]:
        """The arguments of `send`, for north's ids and for those of nothing."""
        token, key = self.token(route.operation), self.chance.random() < 0.3
        filters = [p["name"] for p in route.parameters if p["in"] == "query"]
        asked = [name for name in filters if self.chance.random() < 0.7]
        pages = self.chance.choice(["", "1", "7", "100"])
        made = []
        for ids in (self.theirs, self.nothing):
            body = example_body(self.platform, route, ids) if route.body else None
            query = [f"{name}={quote(ids[name])}" for name in asked if name in ids]
            if "page_size" in asked and pages:
                query.append(f"page_size={pages}")
            headers = [JSON]
            if any(each["name"] == "If-Match" for each in route.parameters):
                headers.append((b"if-match", b'"4"'))
            if token:
                headers.append((b"authorization", f"Bearer {token}".encode()))
            if key:
                headers.append((b"idempotency-key", KEY))
            content = b"" if body is None else json.dumps(body).encode()
            made.append([f"{route.path(ids)}?{'&'.join(query)}", headers, content])
        return made[0], made[1]


async def isolation(seed: int, count: int) -> Tally:
    """`count` requests: half of them name what is north's, half what is nobody's."""
    # what is put back is counted anew, and never reaches a bound
    with patch("services.chassis.write.quota.SECONDS", 0.0):
        return await _isolation(seed, count)


async def _isolation(seed: int, count: int) -> Tally:
    platform = Filled()
    await platform.fill(NORTH, CANARY)
    await platform.fill(SOUTH)
    goal = example_body(platform, "draft_goal", platform.ids[NORTH], CANARY)
    key = {"Idempotency-Key": KEY.decode()}
    await platform.ask(f"{NORTH}/coach-01", "POST", "/goals/v1/goals", goal, headers=key)
    table: list[Route | Rpc] = [*routes(platform), *rpcs(platform)]
    Random(f"{seed}:isolation").shuffle(table)
    kept, tally = Kept(platform), Tally("isolation", seed)
    norths = kept_of(platform, NORTH)
    before = kept.digest()
    async with served(platform) as channels:
        for number in range(count // 2):
            if number == count // 10:
                tally.warm()
            chance = Random(f"{seed}:isolation:{number}")
            target, asked = table[number % len(table)], Asked(platform, chance)
            answers: list[tuple[str, object, str]] = []
            left: list[Any] = []  # of each: what was logged, and what changed
            differ = True
            if isinstance(target, Route):
                one, other = asked.both(target)
                differ = one != other  # else the second is the first again, under its key
                for path, headers, content in (one, other):
                    with logged() as lines:
                        got = await _rest(platform, target, path, headers, content)
                    answers.append(
                        (f"{got.status // 100}xx", shown(got), f"{got!r} {lines.whole()!r}")
                    )
                    left.append((plain(lines.of_each()), kept_of(platform, SOUTH)[:SOUTHS]))
                    before = _put_back(kept, before)
            else:
                token = asked.token(target.operation)
                metadata = (("authorization", f"Bearer {token}"),) if token else ()
                for ids in (asked.theirs, asked.nothing):
                    with logged() as lines:
                        code, data = await _rpc(platform, channels, target, ids, metadata)
                    answers.append((code, (code, plain(data)), f"{data!r} {lines.whole()!r}"))
                    left.append((plain(lines.of_each()), kept_of(platform, SOUTH)[:SOUTHS]))
                    before = _put_back(kept, before)
            where = f"pair {number} of seed {seed}: {target.service} {target.operation} {answers}"
            if any(CANARY in raw for _, _, raw in answers):
                raise Wrong(f"north's text is told: {where}")
            if any(name in ("5xx", "INTERNAL", "UNKNOWN") for name, _, _ in answers):
                raise Wrong(f"an error of ours: {where}")
            same = answers[0][1] == answers[1][1]
            if differ and not same and target.operation != "watch_caseload":
                raise Wrong(f"north's object is not like a missing one: {where}")
            if differ and left[0] != left[1] and target.operation != "watch_caseload":
                raise Wrong(f"north's object leaves more than a missing one: {left} {where}")
            if kept_of(platform, NORTH) != norths:
                raise Wrong(f"something of north's has changed: {where}")
            for name, _, _ in answers:
                tally.add(f"{type(target).__name__} {target.service} {target.operation}", name)
        tally.end()
    return tally


def _objects(ids: Ids) -> list[str]:
    return [each for name, each in ids.items() if name not in (*_SHARED, "district_id", "code")]


def _put_back(kept: Kept, before: Any) -> Any:
    if kept.digest() != before:
        kept.put_back()
    return before


async def _rest(
    platform: Filled, route: Route, path: str, headers: Any, content: bytes
) -> RawAnswer:
    return await send(
        platform.services[route.service].app,
        route.method,
        path,
        headers=headers,
        body=content,
        leave_after=2 if route.operation == "watch_caseload" else 0,
    )


async def _rpc(
    platform: Filled, channels: Any, target: Rpc, ids: Ids, metadata: Any
) -> tuple[str, bytes]:
    try:
        answer = await call(
            channels[target.service], target, example(platform, target, ids), metadata
        )
    except grpc.aio.AioRpcError as error:
        return error.code().name, told(error)
    return "OK", bytes(answer)
