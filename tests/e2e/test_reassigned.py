"""200 teachers get another coach at once, while their work and all caseloads are read: no answer is
wrong that was asked for 5 s after the change, in any service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, product
from random import Random

from services.ctl.demo.district import PER_COACH, Shape, coach_id, teacher_id
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import Stopwatch, eventually

DISTRICT = "lake"
SHAPE = Shape("Lake", schools=4, teachers=200, coaches=200 // PER_COACH)
TEACHERS = range(1, SHAPE.teachers + 1)
BOUND_SECONDS = 5.0
AT_ONCE = 8
RELATIONSHIPS = "/programs/v1/relationships"


LISTS = (
    "/goals/v1/goals?teacher_id={}",
    "/observations/v1/observations?teacher_id={}",
    "/surveys/v1/administrations?teacher_id={}",
    "/insights/v1/timeline?teacher_id={}",
)


def coach_of(teacher: int, new: bool) -> str:
    """The old one, or the one of the next caseload."""
    caseload = (teacher - 1) // PER_COACH + new
    return coach_id(caseload % SHAPE.coaches + 1)


@dataclass
class Reassigning:
    """`changed`: since when a teacher has had no old coach, or her new one. `judged`: reads that
    were asked for later than the bound; `wrong`, which of them were answered as before."""

    stack: RunningStack
    changed: dict[tuple[int, bool], Stopwatch] = field(default_factory=dict)
    judged: int = 0
    wrong: list[object] = field(default_factory=list)

    @property
    def lake(self) -> Coaching:
        return Coaching(self.stack, DISTRICT)

    async def relate(self, teacher: int, new: bool) -> str:
        coach, who = coach_of(teacher, new), teacher_id(teacher)
        body = {"coach_id": coach, "teacher_id": who}
        made = await self.lake.post(coach, RELATIONSHIPS, body)
        id_ = str(made["relationship_id"])
        await self.lake.post(who, f"{RELATIONSHIPS}/{id_}/accept")
        return id_

    async def reads(self, teacher: int, new: bool, path: str) -> None:
        who = f"{DISTRICT}/{coach_of(teacher, new)}"
        late = self.late(teacher, new)
        async with self.stack.client(path.split("/")[1], who) as client:
            answer = await client.get(path.format(teacher_id(teacher)))
        assert answer.status_code in (200, 404), answer.text
        self.judge(late, (answer.status_code == 200) is new, (teacher, new, path))

    async def all_of(self, teacher: int) -> None:
        for new, path in product((False, True), LISTS):
            await self.reads(teacher, new, path)

    async def caseload(self, number: int) -> None:
        """Of one coach: whoever is to be in it, and whoever is not."""
        who = coach_id(number)
        known = [(t, new, self.late(t, new)) for t in TEACHERS for new in (False, True)]
        about = [each for each in known if coach_of(*each[:2]) == who]
        answer = await self.stack.ask(f"{DISTRICT}/{who}", "GET", "/insights/v1/caseload")
        shown = {each["teacher_id"] for each in answer.json()["entries"]}
        for teacher, new, late in about:
            self.judge(late, (teacher_id(teacher) in shown) is new, (teacher, new, "caseload"))

    def late(self, teacher: int, new: bool) -> bool:
        since = self.changed.get((teacher, new))
        return since is not None and since.seconds() > BOUND_SECONDS

    def all_late(self) -> bool:
        return all(self.late(teacher, new) for teacher in TEACHERS for new in (False, True))

    def judged_enough(self) -> bool:
        return self.all_late() and self.judged > SHAPE.teachers

    def judge(self, late: bool, right: bool, what: object) -> None:
        self.judged += late
        if late and not right:
            self.wrong.append(what)

    async def traffic(self, stop: asyncio.Event, seed: int) -> None:
        chance = Random(seed)
        for number in count():
            if stop.is_set():
                return
            await self.reads(chance.choice(TEACHERS), number % 2 == 0, chance.choice(LISTS))
            if number % 20 == 0:
                await self.caseload(chance.randint(1, SHAPE.coaches))


async def each(do: Callable[[int], Awaitable[None]], numbers: Iterable[int] = TEACHERS) -> None:
    """Several at a time."""
    left = iter(numbers)

    async def some() -> None:
        for number in left:
            await do(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())


async def test_200_teachers_who_get_another_coach_at_once(stack: RunningStack) -> None:
    those = Reassigning(stack)
    await those.lake.import_roster(SHAPE)
    await those.lake.known(teacher_id(SHAPE.teachers))
    for coach in range(1, SHAPE.coaches + 1):
        await those.lake.may(coach_id(coach), RELATIONSHIPS)
    before: dict[int, str] = {}

    async def begin(teacher: int) -> None:
        before[teacher] = await those.relate(teacher, new=False)

    await each(begin)
    for path in LISTS:
        last = TEACHERS[-1]
        await those.lake.may(coach_of(last, False), path.format(teacher_id(last)))

    async def reassign(teacher: int) -> None:
        await those.lake.post(coach_of(teacher, False), f"{RELATIONSHIPS}/{before[teacher]}/end")
        those.changed[teacher, False] = Stopwatch()
        await those.relate(teacher, new=True)
        those.changed[teacher, True] = Stopwatch()

    stop = asyncio.Event()
    async with asyncio.TaskGroup() as traffic:
        for seed in range(2):
            traffic.create_task(those.traffic(stop, seed))
        await each(reassign)
        await eventually(those.judged_enough, timeout=60)
        stop.set()
    await each(those.all_of)
    await each(those.caseload, range(1, SHAPE.coaches + 1))
    assert those.wrong == []
