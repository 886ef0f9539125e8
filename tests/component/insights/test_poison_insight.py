"""One district's data is broken, in every way we could think of: the other district is served,
live too, no role ends, and of the broken one all is shown that can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest

from coaching.insights.v1 import caseload_pb2 as pb
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from coaching.roster.v1 import events_pb2 as roster
from services.access.profile import profile_of
from services.chassis.metrics import TROUBLES
from services.chassis.views.memory_views import stored
from services.chassis.views.projection import Event, Fact
from services.chassis.views.projector import Projector
from services.insights.calendar import read as almanac
from services.insights.live import hub as live
from tests.support.hostile_records import BROKEN
from tests.support.insight import COACH, YEAR, Insights
from tests.support.poisons import ACCESS, ANY, CALENDAR, CARD, Poison
from tests.support.waiting import eventually

WELL, ILL = "north", "south"
CARDS, CALENDARS, ACCESS_ROWS = ({**ANY, **each} for each in (CARD, CALENDAR, ACCESS))
PROGRESS = "coaching.goals.v1.GoalProgressRecorded"


class Two(Insights):
    """A coach with teachers `t1` and `t2` in each of two districts, both in a term."""

    def __init__(self) -> None:
        super().__init__()
        for self.district in (ILL, WELL):
            self.person(COACH, "ext:coach")
            self.term("2026-09-01", "2027-06-01")
            for teacher in ("t1", "t2"):
                self.person(teacher)
                self.coached(teacher)
                self.progress(teacher, 12)

    def says(self, district: str, teacher: str, value: float) -> None:
        self.district = district
        self.progress(teacher, value)

    def spoil(self, collection: str, row_id: str, poison: Poison) -> None:
        """As another member may have left it: no projector has it in memory."""
        row = stored(self.views.rows[collection][row_id])
        poison(row)
        self.views.rows[collection][row_id] = row
        for projector in self.projectors():
            projector._batcher.drop()

    def troubles(self, what: str) -> float:
        metrics = self.service.app.state.gate.metrics
        return float(metrics.of(TROUBLES, what)._value.get())

    async def get(self, district: str, path: str, person: str = COACH) -> Any:
        async with self.client(f"{district}/{person}") as client:
            return await client.get(f"/insights/v1/{path}")

    async def current(self, district: str) -> Mapping[str, Any]:
        """By teacher: the value of her goal, None where no goal is shown."""
        answer = await self.get(district, "caseload")
        assert answer.status_code == 200, answer.text
        return {
            each["teacher_id"]: next((goal["current"] for goal in each["open_goals"]), None)
            for each in answer.json()["entries"]
        }


class Screen:
    """What a live caseload has shown so far."""

    def __init__(self, call: Any) -> None:
        self.shown: dict[str, pb.CaseloadEntry] = {}
        self.following = asyncio.create_task(self._follow(call))

    async def _follow(self, call: Any) -> None:
        async for told in call:
            if told.HasField("entry"):
                self.shown[told.entry.teacher_id] = told.entry
            elif told.kind == pb.WatchCaseloadResponse.KIND_GONE:
                self.shown.pop(told.teacher_id, None)

    def value(self, teacher: str) -> float | None:
        entry = self.shown.get(teacher)
        return entry.open_goals[0].current if entry and entry.open_goals else None


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Two, Screen, Screen]]:
    """Both districts, their live caseloads on a real connection, and the roles of the API:
    none of them has ended when the test is over."""
    two, stop = Two(), asyncio.Event()
    await two.project()
    port = await two.service.grpc.start()
    names = ("api.live", "api.almanac")
    roles = [asyncio.ensure_future(two.service.roles[name](stop)) for name in names]
    screens: list[Screen] = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for district in (ILL, WELL):
            call = CaseloadsServiceStub(channel).WatchCaseload(
                pb.WatchCaseloadRequest(coach_id=COACH),
                metadata=(("authorization", f"Bearer {district}/{COACH}"),),
            )
            screens.append(Screen(call))
        ill, well = screens
        try:
            await eventually(lambda: len(ill.shown) == len(well.shown) == 2)
            yield two, ill, well
            assert [role for role in roles if role.done()] == []
            assert not ill.following.done()
            assert not well.following.done()
        finally:
            stop.set()
            await asyncio.wait(roles, timeout=10)
            await two.service.grpc.stop()
            await asyncio.gather(*(each.following for each in screens), return_exceptions=True)
    await asyncio.gather(*roles)


async def all_is_well(two: Two, well: Screen, value: float) -> None:
    """The other district is shown what it says now, live and when it asks."""
    two.says(WELL, "t1", value)
    await two.project()
    await eventually(lambda: well.value("t1") == value)
    assert await two.current(WELL) == {"t1": value, "t2": 12}


@pytest.mark.parametrize("name", CARDS)
async def test_a_card_that_cannot_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVALUATE_SECONDS", 0.01)
    async with served() as (two, ill, well):
        two.spoil("cards", f"{ILL}:t1:{YEAR}", CARDS[name])
        await all_is_well(two, well, 13)
        two.says(ILL, "t2", 14)  # the other teacher of the same coach
        await two.project()
        await eventually(lambda: ill.value("t2") == 14)
        assert (await two.current(ILL))["t2"] == 14
        card = await two.get(ILL, "cards/t1")
        assert card.status_code == 200
        assert card.json()["entry"]["teacher_id"] == "t1"
        two.says(ILL, "t1", 15)  # it may heal it, or be parked
        await two.project()
        await all_is_well(two, well, 16)
        assert (await two.get(ILL, "caseload")).status_code == 200


async def test_what_cannot_be_read_of_a_card_is_left_out_and_the_entry_says_so() -> None:
    async with served() as (two, ill, _):
        two.spoil("cards", f"{ILL}:t1:{YEAR}", CARD["a target in words"])
        await eventually(lambda: ill.shown["t1"].incomplete)
        assert ill.shown["t1"].given_name == "T1"
        assert not ill.shown["t1"].open_goals
        found = (await two.get(ILL, "caseload")).json()["entries"]
        assert {each["teacher_id"]: each["incomplete"] for each in found} == {
            "t1": True,
            "t2": False,
        }
        assert two.troubles("a card") > 0


@pytest.mark.parametrize("name", CALENDARS)
async def test_a_calendar_that_cannot_be_made_stays_as_it_was(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(almanac, "EVERY_SECONDS", 0.01)
    async with served() as (two, ill, well):
        two.clock.forward(days=40)  # t1 was not observed for more than 15 school days
        before = (await two.get(ILL, "cards/t1")).json()["entry"]["flags"]
        assert before
        two.spoil("calendars", f"{ILL}:term-1", CALENDARS[name])
        await all_is_well(two, well, 13)
        two.says(ILL, "t2", 14)
        await two.project()
        await eventually(lambda: ill.value("t2") == 14)
        if two.troubles("a calendar"):
            assert (await two.get(ILL, "cards/t1")).json()["entry"]["flags"] == before
        else:
            assert (await two.get(ILL, "cards/t1")).status_code == 200
        good = Two()
        await good.project()
        row = good.views.rows["calendars"][f"{ILL}:term-1"]
        two.views.rows["calendars"][f"{ILL}:term-1"] = row
        assert (await two.get(ILL, "cards/t1")).json()["entry"]["flags"] == before


@pytest.mark.parametrize("name", ACCESS_ROWS)
async def test_who_may_see_what_that_cannot_be_read_grants_nothing(name: str) -> None:
    async with served() as (two, ill, well):
        for person in (COACH, "t1"):
            two.spoil("access", f"{ILL}:{person}", ACCESS_ROWS[name])
        await all_is_well(two, well, 13)
        for person in (COACH, "t1", "t2"):
            for path in ("caseload", "cards/t1", "cards/t2"):
                answer = await two.get(ILL, path, person)
                assert answer.status_code in (200, 403, 404), (person, path)
        two.says(ILL, "t2", 14)
        two.district = ILL
        two.person("t1")
        two.coached("t1")
        await two.project()
        # a coach of whom nobody knows whether she is one sees nobody any more
        known = profile_of(two.views.rows["access"][f"{ILL}:{COACH}"]).active
        await eventually(lambda: ill.value("t2") == (14 if known else None))
        await all_is_well(two, well, 15)


async def test_a_role_of_another_build_is_read_as_far_as_it_is_known() -> None:
    async with served() as (two, _, _):
        two.spoil("access", f"{ILL}:t1", ACCESS["a role of another build"])
        assert (await two.get(ILL, "cards/t1", "t1")).status_code == 200


async def test_a_session_at_the_end_of_time_is_parked() -> None:
    async with served() as (two, _, well):
        two.district = ILL
        for starts, ends in (
            ("9999-01-01", "9999-12-31"),
            ("1999-09-01", "2000-06-01"),
            ("2101-09-01", "2102-06-01"),
        ):
            two.term(starts, ends)
        await two.project()
        parked = await two.views.list("insights")
        assert [each.reason for each in parked] == ["invalid: a session of another century"] * 3
        await all_is_well(two, well, 13)
        said = roster.AcademicSession(
            session_id="term-1",
            type="term",
            start_date="9999-01-01",
            end_date="9999-12-31",
            status=roster.RECORD_STATUS_REMOVED,
        )
        two.district = ILL
        two.publish(roster.AcademicSessionRemoved(session=said), "session-term-1", "term-1", 0)
        await two.project()
        session = two.views.rows["calendars"][f"{ILL}:term-1"]["facts"]["session"]
        assert [each["active"] for each in session.values()] == [False]


async def test_any_number_of_events_of_one_district_that_nobody_can_read() -> None:
    async with served() as (two, _, well):
        real, two.log = two.log, type(two.log)()
        two.says(ILL, "t1", 13)
        good = two.log.all("coaching.goals.v1")[0]
        two.log = real
        for _ in range(6):
            for change, _, _ in BROKEN.values():
                broken = change(good)
                if (broken.key or b"").startswith(ILL.encode()):  # else nobody knows whose it is
                    real.append(good.topic, broken.key or b"", broken.value, broken.headers)
        await all_is_well(two, well, 13)
        assert len(await two.views.list("insights")) > 80


async def test_a_fold_that_fails_for_one_teacher() -> None:
    async with served() as (two, ill, well):
        cards = two.service.projectors[0]
        right = cards.projection.folds[PROGRESS]

        def fold(event: Event) -> Any:
            facts = right(event)
            if event.envelope.key == f"{ILL}:t1":
                raise ZeroDivisionError
            return facts

        _folding(cards, {PROGRESS: fold})
        two.says(ILL, "t1", 13)
        two.says(ILL, "t2", 14)
        await all_is_well(two, well, 15)
        await eventually(lambda: ill.value("t2") == 14)
        await eventually(lambda: ill.shown["t1"].incomplete)
        assert two.troubles("an event") == 1
        assert [each.reason for each in await two.views.list("insights")] == [
            "failed: ZeroDivisionError"
        ]


async def test_a_fold_that_gives_what_no_reader_understands() -> None:
    async with served() as (two, ill, well):
        cards = two.service.projectors[0]

        def fold(event: Event) -> list[Fact]:
            goal = event.envelope.aggregate_id
            return [Fact("cards", f"{event.envelope.key}:{YEAR}", "goals", goal, {"state": "?"})]

        _folding(cards, {PROGRESS: fold})
        two.says(ILL, "t1", 13)
        await two.project()
        await eventually(lambda: ill.shown["t1"].incomplete)
        _folding(cards, {})
        await all_is_well(two, well, 15)


def _folding(projector: Projector, folds: Mapping[str, Any]) -> None:
    batcher = projector._batcher
    changed = replace(projector.projection, folds={**_FOLDS, **folds})
    projector.projection = batcher._projection = projector._intake._projection = changed


_FOLDS = Two().service.projectors[0].projection.folds
