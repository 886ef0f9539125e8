"""Walks through the platform by what it answers: ids from answers are what later requests
are about, so that everything meets everything in whatever state it is by then.

The documents have no links of their own: every id in an answer is one, to every operation
that takes such an id. Step `n` of a seed depends on the steps of its walk before it.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.fuzz.kept import Kept
from tests.fuzz.rest_inputs import PEOPLE
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled
from tests.support.operations import SEEN, Ids, Route, caller_of, example_body, ids_for, routes
from tests.support.raw_http import JSON, Header, RawAnswer, send

STEPS = 400  # a walk, after which everything is as it was at first
NORTH = "north"
RECENT = 8  # of the objects of a kind, which steps are about
_SAME = {"accept": "relationship", "decline": "relationship"}
# A zip, an endless answer, and what is done again when it is repeated: in the other parts.
_ODD = ("import_roster", "watch_caseload", "save_draft")
_PARTS = ("{progress_number}", "{evidence_number}", "{criterion_id}")  # of goals and observations
_WRITES = {"separate_match": 2}  # of what is done in more than one: that it is wanted, then itself


# What an operation changes beside what it is about: the records that a match is of, and all that a
# device brings.
_BESIDE = dict.fromkeys(("confirm_match", "separate_match"), "/roster/v1/people/") | {"sync": "/"}


def kind_of(name: str) -> str:
    """`draft_goal` and `goal_id` are goals."""
    noun = name.removesuffix("_id") if name.endswith("_id") else name.rpartition("_")[2]
    return _SAME.get(noun, noun)


class Walk:
    """What is known so far: ids by kind, and the version of each resource."""

    def __init__(self, ids: Ids) -> None:
        self.pool: dict[str, list[str]] = {}
        for name, each in ids.items():
            self.pool.setdefault(kind_of(name), []).append(each)
        self.versions: dict[str, int] = {}

    def pick(self, names: Any, chance: Random) -> Ids:
        return {name: chance.choice(self.pool[kind_of(name)][-RECENT:]) for name in names}

    def learn(self, answer: Any) -> None:
        for name, value in answer.items():
            if name == "codes":
                self.pool["code"].extend(value[:2])
            elif name.endswith("_id") and isinstance(value, str):
                held = self.pool.setdefault(kind_of(name), [])
                if value not in held:
                    held.append(value)

    def judge(self, place: str, before: str, answer: Any, changes: int) -> None:
        """Versions rise by as much as an operation `changes`, and by nothing else."""
        version = answer["version"]
        known = self.versions.get(place)
        if known is not None and not known <= version <= known + changes:
            raise Wrong(f"{place} went from version {known} to {version} {before}")
        self.versions[place] = version

    def forget(self, places: str) -> None:
        """Their versions have risen by nobody knows what."""
        self.versions = {at: v for at, v in self.versions.items() if not at.startswith(places)}


class Steps:
    def __init__(self, seed: int, platform: Filled) -> None:
        self.seed, self.platform = seed, platform
        ids = platform.ids[NORTH]
        self.routes = [each for each in routes(platform) if each.operation not in _ODD]
        self.ids = ids
        marks = {name: f"@{name}@" for name in ids}
        self._bodies = {
            (each.service, each.operation): json.dumps(example_body(platform, each, marks))
            for each in self.routes
            if each.body is not None
        }

    def request(self, route: Route, walk: Walk, chance: Random) -> tuple[str, list[Header], bytes]:
        """Path, headers and body: valid by itself, whether or not it is allowed now."""
        chosen = {**ids_for(route.operation, self.ids), **walk.pick(self.ids, chance)}
        if chance.random() < 0.4:  # what this operation can work on, at least at first
            chosen = ids_for(route.operation, self.ids)
        path = route.template.format(**chosen)
        caller = caller_of(route.operation, NORTH)
        if caller and chance.random() < 0.3:
            caller = f"{NORTH}/{chance.choice(PEOPLE[:6])}"
        headers: list[Header] = []
        if caller:
            headers.append((b"authorization", f"Bearer {caller}".encode()))
        if route.operation in SEEN or chance.random() < 0.1:
            version = walk.versions.get(path, chance.randrange(5))
            headers.append((b"if-match", b'"%d"' % version))
        if route.method != "GET" and chance.random() < 0.5:
            headers.append((b"idempotency-key", b"key-%d" % chance.randrange(10**6)))
        asked = [
            f"{each['name']}={chosen[each['name']]}"
            for each in route.parameters
            if each["in"] == "query" and each["name"] in chosen
        ]
        content = b""
        if route.body is not None:
            headers.append(JSON)
            text = self._bodies[route.service, route.operation]
            for name, each in chosen.items():
                text = text.replace(f"@{name}@", each)
            content = text.encode()
        return f"{path}?{'&'.join(asked)}" if asked else path, headers, content

    async def send(self, route: Route, request: tuple[str, list[Header], bytes]) -> RawAnswer:
        path, headers, content = request
        app = self.platform.services[route.service].app
        return await send(app, route.method, path, headers=headers, body=content)

    async def step(self, walk: Walk, number: int, kept: Kept) -> tuple[Route, RawAnswer]:
        chance = Random(f"{self.seed}:stateful:{number}")
        route = chance.choice(self.routes)
        request = self.request(route, walk, chance)
        told = f"step {number} of seed {self.seed}: {route.operation} {request!r:.900}"
        before = kept.digest()
        answer = await self.send(route, request)
        if not 200 <= answer.status < 500:
            raise Wrong(f"neither taken nor refused: {told} -> {answer}")
        if kept.digest() != before and (answer.status >= 400 or route.method == "GET"):
            raise Wrong(f"something is left behind: {told} -> {answer.status}")
        if answer.status < 300 and answer.is_json and isinstance(said := answer.json(), dict):
            walk.learn(said)
            if route.operation in _BESIDE:
                walk.forget(_BESIDE[route.operation])
            place = answer.headers.get("location") or _resource(route, request[0])
            if "version" in said and place:
                changes = 0 if route.method == "GET" else _WRITES.get(route.operation, 1)
                walk.judge(place, told, said, changes)
            elif route.method != "GET":
                walk.versions.pop(place, None)  # changed, and it does not say to what
            if "location" in answer.headers:
                await self._there(route, request, answer, told)
            if any(name == b"idempotency-key" for name, _ in request[1]):
                await self._again(route, request, kept, told)
        return route, answer

    async def _there(self, route: Route, request: Any, created: RawAnswer, told: str) -> None:
        """What was created is where the answer says, for the one who made it."""
        app = self.platform.services[route.service].app
        found = await send(app, "GET", created.headers["location"], headers=request[1][:1])
        if found.status != 200 or found.headers["etag"] != created.headers["etag"]:
            raise Wrong(f"not there: {told} -> {created} -> {found}")

    async def _again(self, route: Route, request: Any, kept: Kept, told: str) -> None:
        """The same once more, under its key, changes nothing."""
        before = kept.digest()
        again = await self.send(route, request)
        if kept.digest() != before or again.status >= 500:
            raise Wrong(f"twice under one key: {told} -> {again}")


def _resource(route: Route, path: str) -> str:
    """The path of the one resource that an operation is about; "" where there is none."""
    parts = route.template.split("/")
    named = [n for n, part in enumerate(parts) if part.startswith("{")]
    named = [n for n in named if parts[n] not in _PARTS]
    last = max(named, default=-1)
    return "/".join(path.partition("?")[0].split("/")[: last + 1]) if last >= 0 else ""


async def stateful(seed: int, count: int) -> Tally:
    platform = Filled()
    await platform.fill(NORTH)
    await platform.fill("south")
    steps, kept, tally = Steps(seed, platform), Kept(platform), Tally("stateful", seed)
    walk = Walk(steps.ids)
    for number in range(count):
        if number == count // 5:
            tally.warm()
        if number % STEPS == 0:
            kept.put_back()
            walk = Walk(steps.ids)
        route, answer = await steps.step(walk, number, kept)
        tally.add(route.operation, f"{answer.status // 100}xx")
    tally.end()
    return tally
