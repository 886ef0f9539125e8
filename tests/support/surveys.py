"""The surveys service on memory adapters, with tasks that a seed interleaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from services.access.days import Days
from services.access.districts import Districts
from services.access.profile import Profile, Role, Tie
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from services.chassis.write.memory_documents import MemoryDocuments
from services.surveys import bootstrap
from services.surveys.administration.cases import (
    OpenAdministration,
    ScheduleAdministration,
    open_administration,
    schedule_administration,
    submit_response,
)
from services.surveys.administration.codec import ADMINISTRATIONS
from services.surveys.administration.domain import Administration
from services.surveys.administration.memory_seats import MemorySeats
from services.surveys.administration.seats import Seats
from services.surveys.administration.small_n import Sheet
from services.surveys.instrument.bodies import DraftInstrument, ItemBody, ScaleBody
from services.surveys.instrument.cases import draft_instrument, publish_instrument
from services.surveys.instrument.domain import Instrument, Item, Scale
from tests.support.clocks import FakeClock
from tests.support.directories import OneByOne
from tests.support.parts import CountingBell, PartsInMemory
from tests.support.survey_duties import SurveyDuties
from tests.support.survey_examples import AGREE, CLASS, COACH, DISTRICT, FACES, ITEMS, TEACHER

POLICIES = bootstrap.policies()
STRANGER, ADMIN, LEADER, OTHER_TEACHER = "coach-9", "admin-1", "leader-1", "teacher-2"
SUBSTITUTE = "teacher-3"  # teaches the class, too


class Roster(OneByOne):
    """Who is who; the same ids stand in both districts, but only north has classes."""

    def __init__(self, students: int) -> None:
        roles = {
            COACH: "ext:coach",
            STRANGER: "ext:coach",
            ADMIN: "districtAdministrator",
            LEADER: "principal",
            OTHER_TEACHER: "teacher",
        }
        self._profiles = {
            name: Profile(name, True, (Role(role, "school-1"),)) for name, role in roles.items()
        }
        teacher = (Role("teacher", "school-1"),)
        self._profiles[TEACHER] = Profile(
            TEACHER, True, teacher, (Tie(COACH, 2027),), {CLASS: students}
        )
        self._profiles[SUBSTITUTE] = Profile(SUBSTITUTE, True, teacher, classes={CLASS: students})

    def change(self, person: str, **more: Any) -> None:
        """Say something else of her."""
        self._profiles[person] = replace(self._profiles[person], **more)

    async def profile(self, district: str, person: str) -> Profile | None:
        return self._profiles.get(person) if district in (DISTRICT, "south") else None


class StepSeats:
    """Seats that yield a seeded number of times around each step, and call `before` with
    the step's name: it may raise to stand for a death at that place."""

    def __init__(self, inner: Seats, random: Random, before: Callable[[str], None]) -> None:
        self._inner = inner
        self._random = random
        self._before = before
        self.counted: Sequence[Sheet] = ()  # what was read last

    async def prepare(self, district: str, administration: str, seats: Sequence[str]) -> None:
        await self._step("prepare")
        await self._inner.prepare(district, administration, seats)

    async def answer(
        self, district: str, administration: str, seat: str, sheet: Sheet, round: int
    ) -> bool:
        await self._step("answer")
        outcome = await self._inner.answer(district, administration, seat, sheet, round)
        await self._step("answered")
        return outcome

    async def freeze(self, district: str, administration: str, round: int) -> None:
        await self._step("freeze")
        await self._inner.freeze(district, administration, round)

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        await self._step("sheets")
        self.counted = await self._inner.sheets(district, administration)
        return self.counted

    async def clear(self, district: str, administration: str) -> None:
        await self._step("clear")
        await self._inner.clear(district, administration)

    async def remove(self, district: str, administration: str) -> None:
        await self._step("remove")
        await self._inner.remove(district, administration)

    async def _step(self, name: str) -> None:
        self._before(name)
        for _ in range(self._random.randrange(12)):
            await asyncio.sleep(0)


@dataclass
class Service(PartsInMemory):
    """The use cases' ports over memory, and what is behind them."""

    seed: int = 0
    students: int = 20
    districts: Districts = field(default_factory=Districts)
    before: Callable[[str], None] = lambda name: None
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.seats = MemorySeats()
        self.due = SurveyDuties(self.documents, self.clock)
        self.bell = CountingBell()
        self.directory = self.roster = Roster(self.students)
        self.days = Days(self.districts)
        self._steps = StepSeats(self.seats, self.random, lambda name: self.before(name))
        self.with_seats(self._steps)

    def with_seats(self, seats: Seats) -> None:
        """Keep answers there from now on."""
        self.rooms = bootstrap.ports(self, POLICIES, seats)
        self.instruments, self.ports = self.rooms.instrument, self.rooms.administration

    async def stored(self, survey: str) -> Administration:
        return await self.path(ADMINISTRATIONS).get(DISTRICT, survey)

    async def duties(self) -> None:
        """Do what is due."""
        await self.due.run(self.ports)

    @property
    def counted(self) -> int:
        """The sheets that the last close went by: results say no more than a band."""
        return len(self._steps.counted)

    @property
    def surveys_with_seats(self) -> set[str]:
        """Those of which a seat is still stored, be it empty."""
        return {seat.administration for seat in self.seats._seats.values()}


def call(
    operation: str,
    person: str = TEACHER,
    *,
    key: str = "",
    content: str = "",
    district: str = DISTRICT,
    if_match: int | None = None,
) -> Call:
    return Call(
        operation,
        Principal(district, person=person),
        key=key,
        fingerprint=content,
        if_match=if_match,
    )


def drafting(
    scales: Sequence[Scale] = (AGREE, FACES), items: Sequence[Item] = ITEMS
) -> DraftInstrument:
    return DraftInstrument(
        title="Today",
        scales=[
            ScaleBody(
                scale_id=each.id,
                kind=each.kind,
                values=list(each.values),
                labels=list(each.labels),
                favorable_from=each.favorable_from,
            )
            for each in scales
        ],
        items=[
            ItemBody(
                item_id=each.id,
                text=each.text,
                construct_id=each.construct,
                source=each.source,
                license=each.license,
                scale_id=each.scale_id,
                reversed=each.reversed,
            )
            for each in items
        ],
        license="Apache-2.0",
        language="es-MX",
        minutes=4,
    )


async def publish(service: Service) -> Instrument:
    ports = service.instruments
    drafted = await draft_instrument(ports, call("draft_instrument"), drafting())
    return await publish_instrument(ports, call("publish_instrument"), drafted.id)


async def schedule(
    service: Service, instrument_id: str, *, by: str = TEACHER, class_id: str = CLASS
) -> Administration:
    asked = ScheduleAdministration(
        instrument_id=instrument_id, teacher_id=TEACHER, class_id=class_id
    )
    return await schedule_administration(service.ports, call("schedule_administration", by), asked)


async def scheduled(service: Service, *, by: str = TEACHER) -> str:
    """The id of a scheduled administration of a published instrument."""
    return (await schedule(service, (await publish(service)).id, by=by)).id


async def open_it(
    service: Service,
    survey: str,
    seats: int | None = None,
    *,
    person: str = TEACHER,
    key: str = "",
    content: str = "f",
    kept: Seats | None = None,
) -> tuple[Administration, Sequence[str]]:
    """It, and its codes. `kept`: the seats of who opens it, instead of the service's."""
    who = call("open_administration", person, key=key, content=content)
    ports = replace(service.ports, seats=kept) if kept is not None else service.ports
    found = await open_administration(ports, who, survey, OpenAdministration(seats=seats))
    return found, found.codes()


async def opened(service: Service, seats: int | None = None) -> tuple[str, Sequence[str]]:
    """The id of an open administration, and its codes."""
    found = await scheduled(service)
    _, codes = await open_it(service, found, seats)
    return found, codes


async def submit(
    service: Service, id: str, code: str, *answers: tuple[str, int], district: str = DISTRICT
) -> None:
    """These answers and, if there are any, the lowest to each other item of `ITEMS`."""
    said = {item for item, _ in answers}
    if answers:
        answers = *answers, *((each.id, 1) for each in ITEMS if each.id not in said)
    await submit_response(
        service.ports,
        call("submit_response", "", district=district),
        id,
        code=code,
        answers=answers,
    )


async def fault(awaitable: Awaitable[object]) -> tuple[Kind, str]:
    """What it is refused with."""
    with pytest.raises(Fault) as caught:
        await awaitable
    return caught.value.kind, caught.value.code
