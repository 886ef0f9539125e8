"""State machines as tables, walked through the public API on a platform in memory.

A `Life` says of one kind of thing which words there are for its state, who does what in which of
them, and what it is then. Whatever else anybody asks must be refused and change nothing; what is
done must be one version more and, with the same key again, the same answer.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from services.chassis.views.memory_views import MemoryViews
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.policies import with_keys
from tests.support.staff import PEOPLE, Staffed

DISTRICT = "north"
STAYS = ""  # it is answered as it is, and no version is made
BESIDE = "~"  # before what it is then: by what is beside it, and no version of its own is made


@dataclass(frozen=True)
class Move:
    """`next`: who -> from which state to which. `path` is behind the thing's own; one that begins
    with a slash is instead of it, with what the thing says in braces. `says`: the body, made of
    what the thing is now; `seen`: with its version."""

    name: str
    next: Mapping[str, Mapping[str, str]]
    path: str = ""
    says: Callable[[Any], Any] = lambda _: None
    verb: str = "POST"
    seen: bool = False

    def after(self, who: str, state: str) -> str | None:
        """The state that follows; None where it is refused."""
        return self.next.get(who, {}).get(state)


def moves(text: str, **says: Any) -> Sequence[Move]:
    """A line of a name, verb and path, such as `end_circle | POST end`, and below it lines of who
    makes which states into which, such as `coach teacher: open>ended`. `active=` is answered as it
    is, which is no version, and neither is `alone~joined`, where something beside it changes what
    it is; `POST*` comes with the version that was seen. The name is the operation's where the path
    is behind the thing's own. `says`: of a name the body, or a function that makes it."""
    found: list[tuple[str, str, dict[str, dict[str, str]]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, mark, how = line.partition(" | ")
        if mark:
            found.append((name, how, {}))
            continue
        people, _, ways = line.partition(": ")
        for who in people.split():
            for way in ways.split():
                old, mark, new = re.split("([>=~])", way)
                after = f"{BESIDE}{new}" if mark == BESIDE else new  # STAYS is empty
                assert found[-1][2].setdefault(who, {}).setdefault(old, after) == after, way
    return [_move(name, how, after, says.get(name)) for name, how, after in found]


def spread(text: str, *parts: Sequence[str]) -> str:
    """Of states in parts, with a dot between two: in the old one `*` is any word of that part, and
    `a|b` is either; in the new one `*` is what it was."""
    return "\n".join(" ".join(_ways(each, parts)) for each in text.splitlines())


def _ways(line: str, parts: Sequence[Sequence[str]]) -> Iterator[str]:
    for each in line.split():
        old, mark, new = [*re.split("([>=~])", each, maxsplit=1), "", ""][:3]
        if not mark or "." not in old:
            yield each
            continue
        words = [
            known if one == "*" else one.split("|")
            for one, known in zip(old.split("."), parts, strict=True)
        ]
        for was in itertools.product(*words):
            then = [o if n == "*" else n for o, n in zip(was, new.split("."), strict=False)]
            yield f"{'.'.join(was)}{mark}{'.'.join(then) if new else ''}"


def _move(name: str, how: str, after: dict[str, dict[str, str]], body: Any) -> Move:
    verb, _, path = how.partition(" ")
    says = body if callable(body) else lambda _: body
    return Move(name, after, path, says, verb.rstrip("*"), verb.endswith("*"))


async def _nothing(platform: Staffed, said: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Life:
    """`begin` makes one and answers its path; `told`: the word for its state at an instant;
    `reader` is whoever may always see it. `alone`: it begins where the coach and the teacher have
    nothing with each other yet. `bounds`: by the name of a move the codes of what no table
    tells: that it was made too often, or who made another one. `beside`: what else a word for its
    state and what is sent are made of, added to what it says. `settles`: events bring it on, so
    whatever was done is known everywhere before it is looked at."""

    kind: str
    begin: Callable[[Staffed], Awaitable[str]]
    reader: str
    moves: Sequence[Move]
    told: Callable[[Any, datetime], str] = lambda said, _: str(said["state"])
    people: Sequence[str] = ("coach", "teacher", "other", "peer", "admin")
    alone: bool = False
    bounds: Mapping[str, str] = field(default_factory=dict)
    beside: Callable[[Staffed, Any], Awaitable[Mapping[str, Any]]] = _nothing
    settles: bool = False


class Stage:
    """A platform on which each life begins anew: what was stored when it was made is put back."""

    def __init__(self, platform: Staffed, loop: asyncio.AbstractEventLoop) -> None:
        self.platform, self._loop = platform, loop
        self._began = platform.clock.now()
        self._kept = [(live, _copied(live)) for live in self._stores()]
        self._rows = [(rows, _of_rows(rows)) for rows in self._views()]

    def _stores(self) -> list[dict[str, Any]]:
        found = []
        for service in self.platform.services.values():
            assert isinstance(service.backing.store, MemoryDocuments)
            found.append(service.backing.store._stored)
        return found

    def _views(self) -> list[dict[str, dict[str, Any]]]:
        """What is known of events, and what they ask of duties."""
        found = []
        for service in self.platform.services.values():
            assert isinstance(service.backing.views, MemoryViews)
            found.append(service.backing.views.rows)
        return found

    def put_back(self) -> None:
        self.platform.clock.set(self._began)
        for live, before in self._kept:
            live.clear()
            live.update(_copied(before))
        for rows, known in self._rows:
            rows.clear()
            rows.update(_of_rows(known))
        for service in self.platform.services.values():
            for projector in service.projectors:
                projector._batcher.drop()  # what it remembers of rows is of another life

    def run(self, what: Awaitable[Any]) -> Any:
        return self._loop.run_until_complete(what)


class Stages:
    """One on which the coach and the teacher work together, one on which they are alone."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        together, alone = self._loop.run_until_complete(self._made())
        self._stages = {False: Stage(together, self._loop), True: Stage(alone, self._loop)}

    async def _made(self) -> tuple[Staffed, Staffed]:
        together, alone = [Staffed(with_keys("union")) for _ in range(2)]
        for each in (together, alone):
            each.teaching = ("teacher",)
            await each.roster(third=PEOPLE["teacher"])
        await together.coached()
        return together, alone

    def of(self, life: Life) -> Stage:
        return self._stages[life.alone]

    def close(self) -> None:
        self._loop.close()


def _of_rows(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A row is never changed: another is put in its place."""
    return {name: dict(each) for name, each in rows.items()}


def _copied(stored: Mapping[str, Any]) -> dict[str, Any]:
    made = {}
    for name, each in stored.items():
        made[name] = copy.copy(each)
        made[name].outbox = list(each.outbox)
    return made


class Walked:
    """One life under way. `state` is the model's."""

    def __init__(self, stage: Stage, life: Life) -> None:
        self.stage, self.life = stage, life
        stage.put_back()
        self.path: str = stage.run(life.begin(stage.platform))
        stage.run(self.settled())
        self.now = stage.run(self.read())
        self.state, self.number = self.word(), 0

    def word(self) -> str:
        return self.life.told(self.now, self.stage.platform.clock.now())

    async def read(self) -> Any:
        caller = f"{DISTRICT}/{self.life.reader}"
        said = (await self.stage.platform.ask(caller, "GET", self.path)).json()
        return {**said, **await self.life.beside(self.stage.platform, said)}

    async def settled(self) -> None:
        if self.life.settles:
            await self.stage.platform.settle()

    def _place(self, move: Move) -> str:
        own = f"{self.path}/{move.path}".rstrip("/")
        return move.path.format(**self.now) if move.path.startswith("/") else own

    async def _send(self, who: str, move: Move, path: str, body: Any, headers: Any) -> Any:
        async with self.stage.platform.client(path.split("/")[1], f"{DISTRICT}/{who}") as client:
            return await client.request(move.verb, path, json=body, headers=dict(headers))

    async def _hidden(self, who: str, path: str) -> bool:
        """Whether what she has done this with is shown to her no more, by that: then the same again
        finds none."""
        parts = path.split("/")
        thing = "/".join(parts[:5])  # such as /goals/v1/goals/its-id
        return len(parts) > 5 and await self.stage.platform.status(who, thing) == 404

    async def step(self, who: str, move: Move, hours: int, again: bool) -> None:
        self.number += 1
        if hours or self.life.settles:  # by which some are another thing than they were
            self.stage.platform.clock.forward(hours=hours, seconds=1)
            await self.settled()
            self.now = await self.read()
            self.state = self.word()
        told = f"{self.number}: {who} {move.name}, {self.life.kind} {self.state}"
        to = move.after(who, self.state)
        headers = {"Idempotency-Key": f"step-{self.number}"} if move.verb == "POST" else {}
        if move.seen:
            headers["If-Match"] = f'"{self.now["version"]}"'
        body, before = move.says(self.now), self.now
        path = self._place(move)
        answer = await self._send(who, move, path, body, headers)
        await self.settled()
        self.now = await self.read()
        bounds = self.life.bounds.get(move.name, "").split()
        if answer.is_client_error and answer.json()["code"] in bounds:
            to = None
        if to is None:
            assert 400 <= answer.status_code < 500, (told, answer.status_code, answer.text)
            assert self.now == before, (told, "refused, and something is changed")
            return
        assert answer.is_success, (told, answer.status_code, answer.text)
        self.state = to.removeprefix(BESIDE) or self.state
        assert self.word() == self.state, (told, self.now)
        more = self.now["version"] - before["version"]
        own = to != STAYS and not to.startswith(BESIDE)
        assert more == own, (told, "versions", more)
        if again and headers:
            same = await self._send(who, move, path, body, headers)
            await self.settled()
            gone = same.status_code == 404 and await self._hidden(who, path)
            assert gone or same.status_code == answer.status_code, (told, same.text)
            assert await self.read() == self.now, (told, "twice under one key")

    def ways(self) -> Sequence[tuple[Move, Sequence[str]]]:
        """What leads on from here, and who does it."""
        people = self.life.people
        found = [
            (move, [who for who in people if move.after(who, self.state) not in (None, STAYS)])
            for move in self.life.moves
        ]
        return [each for each in found if each[1]]

    def allowed(self) -> None:
        """That it says to its reader what she may do with it now."""
        reader = self.life.reader
        own = {each.name: each for each in self.life.moves if not each.path.startswith("/")}
        says = own.keys() & {*self.now["allowed"]}
        may = {name for name, each in own.items() if each.after(reader, self.state) is not None}
        assert may - self.life.bounds.keys() <= says <= may, (
            self.life.kind,
            self.state,
            says,
            may,
        )


def walked(
    life: Life,
    stages: Stages,
    *,
    examples: int,
    steps: int,
    seed: int,
    note: Callable[[str], None] = lambda _: None,
) -> None:
    """So many lives of so many steps, of which `note` is told each. Raises AssertionError for one
    that goes another way than the table says, as it was found: to look for a shorter one takes
    minutes, and a step says where it stood."""
    stage = stages.of(life)
    who, what = st.sampled_from(list(life.people)), st.sampled_from(list(life.moves))

    class Lives(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.walked = Walked(stage, life)

        @rule(who=who, move=what, hours=st.sampled_from([0, 1, 30]), again=st.booleans())
        def anything(self, who: str, move: Move, hours: int, again: bool) -> None:
            self._step(who, move, hours, again)

        def _step(self, who: str, move: Move, hours: int, again: bool) -> None:
            stage.run(self.walked.step(who, move, hours, again))
            self.walked.allowed()
            note(self.walked.state)

        @rule(turn=st.integers(0, 9_999), again=st.booleans())
        def onward(self, turn: int, again: bool) -> None:
            """What makes it something else, or most steps of a life would be refused."""
            ways = self.walked.ways()
            if ways:
                move, people = ways[turn % len(ways)]
                self._step(people[turn // len(ways) % len(people)], move, 0, again)

    size = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],  # a busy machine is nobody's mistake
    )
    run_state_machine_as_test(hypothesis.seed(seed)(Lives), settings=size)
