"""A program says of what size it is, whoever is enrolled and withdraws at once, and whenever a
process ends in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from services.chassis.call import Call, Principal
from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault, Kind
from services.chassis.write.documents import Document, Wanted
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.write_path import WritePath
from services.programs.enrollment.cases import enrolled
from services.programs.enrollment.codec import ENROLLMENTS
from services.programs.enrollment.domain import Enrollment
from services.programs.enrollment.duties import sized
from services.programs.program.codec import PROGRAMS
from services.programs.program.domain import Program, SizeBand, band_of
from tests.support.clocks import START, FakeClock
from tests.support.programs import program_in

THERE, CHURNING = 98, 3
CALL = Call(operation="settle_enrollment", principal=Principal("north", duty="settle_enrollment"))


class Slow(MemoryDocuments):
    """Whose answers come when others have come between: as many turns late as chance has it."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def pause(self) -> None:
        for _ in range(self._chance.randrange(20)):
            await asyncio.sleep(0)

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        await self.pause()
        found = await super().get(district, kind, id)
        await self.pause()
        return found

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        await self.pause()
        found = await super().counts(district, kind, wanted)
        await self.pause()
        return found


class Silent:
    def ring(self) -> None: ...


class Enrolling:
    """A program with 98 teachers, and more who come and go."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = Slow(self.chance)
        clock = FakeClock(START)
        self.path: WritePath[Enrollment] = WritePath(self.store, ENROLLMENTS, clock, Silent())
        self.programs: WritePath[Program] = WritePath(self.store, PROGRAMS, clock, Silent())

    async def begin(self) -> Enrolling:
        program = program_in("open")
        self.program = program.id
        await self.programs.create(CALL, program)
        await asyncio.gather(*(self.enroll(each) for each in range(THERE)))
        return self

    async def enroll(self, number: int) -> None:
        made = Enrollment.begin(
            id=f"e-{number}", district="north", program=self.program, teacher=f"t-{number}",
            year=2027, by="lead-1", at=START,
        )  # fmt: skip
        await self.path.create(CALL, made)

    async def come_and_go(self, number: int) -> None:
        """Each change is followed by its duty, a while later."""
        await self.enroll(number)
        duties = [asyncio.create_task(self.duty())]
        for _ in range(self.chance.randrange(6)):
            await self.store.pause()
            await self.path.change(CALL, f"e-{number}", self._turn)
            duties.append(asyncio.create_task(self.duty()))
        await asyncio.gather(*duties)

    def _turn(self, each: Enrollment) -> None:
        if each.state == "enrolled":
            each.withdraw(each.teacher, START, None)
        else:
            each.rejoin(each.teacher, START)

    async def duty(self) -> None:
        """As it is run: once more where it ended in the middle, or is to look again."""
        await self.store.pause()
        done = False
        while not done:
            with crashing(self._perhaps):
                try:
                    done = await sized(self.path, self.programs, CALL, self.program)
                except Crashed:
                    await self.store.pause()
                except Fault as fault:
                    if fault.kind is not Kind.UNAVAILABLE:
                        raise

    def _perhaps(self, point: str) -> None:
        if self.chance.random() < 0.3:
            raise Crashed(point)

    async def said(self) -> tuple[SizeBand, SizeBand]:
        """What it says, and what is true."""
        program = await self.programs.get("north", self.program)
        return program.size_band, band_of(await enrolled(self.path, "north", self.program))


@pytest.mark.parametrize("seed", range(40))
async def test_when_all_is_done_it_says_what_is_true(seed: int) -> None:
    enrolling = await Enrolling(seed).begin()
    await asyncio.gather(*(enrolling.come_and_go(THERE + each) for each in range(CHURNING)))
    said, true = await enrolling.said()
    assert said is true
