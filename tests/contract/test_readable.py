"""What any operation accepts, every reader of the log can read; the rest is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.access.school_year import school_year_of
from services.chassis.fields import ID_PATTERN
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.clocks import START
from tests.support.extremes import DAYS, bodies
from tests.support.filled import Filled, unfilled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import Route, caller_of, example_body, routes
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.readers import assert_readable
from tests.support.roster_files import Service, good_files

NORTH = "north"
# Those that take a body and publish what is in it, and may be asked again and again.
OPERATIONS = {
    "propose_relationship", "draft_goal", "set_baseline", "revise_goal", "record_progress",
    "draft_instrument", "schedule_administration", "draft_tool", "schedule_observation",
    "record_scores", "edit_goal", "reschedule_observation", "draft_statement", "state_calendar",
}  # fmt: skip
STAYS = {
    "propose_relationship",
    "revise_goal",
    "edit_goal",
    "reschedule_observation",
    "state_calendar",
}
ROUTES = [each for each in routes(unfilled()) if each.operation in OPERATIONS]
NOWS = [START, datetime(2100, 6, 30, 23, tzinfo=UTC), datetime(2100, 8, 1, tzinfo=UTC)]
REFUSED = (409, 422, 429)


class Site:
    """The platform with one of everything, on a loop of its own."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.platform = Filled()
        self.runner.run(self.platform.fill(NORTH))
        self.ids = self.platform.ids[NORTH]
        self.at(NOWS[1])
        self.runner.run(self._coached())
        self.at(START)
        self.runner.run(self.platform.settle())
        self.waiting(check=True)

    async def _coached(self) -> None:
        """In this school year too: a relationship counts in its own."""
        path, pair = "/programs/v1/relationships", {"coach_id": COACH, "teacher_id": TEACHER}
        made = (await self.platform.ask(f"{NORTH}/{COACH}", "POST", path, pair)).json()
        path = f"{path}/{made['relationship_id']}/accept"
        await self.platform.ask(f"{NORTH}/{TEACHER}", "POST", path)

    def at(self, now: datetime) -> None:
        clock = self.platform.clock
        clock.forward(seconds=(now - clock.now()).total_seconds())

    def waiting(self, check: bool) -> int:
        """Have everybody read what waits to be published, and take it away."""
        count = 0
        for service in self.platform.services.values():
            store = service.backing.store
            assert isinstance(store, MemoryDocuments)
            for each in self.runner.run(store.pending(500)):
                for event in each.events:
                    count += 1
                    if check:
                        assert_readable(event, each.district, each.id)
                self.runner.run(store.clear({each.id: [event.version for event in each.events]}))
        return count

    def version(self) -> int:
        """Of the goal that is revised."""
        store = self.platform.services["goals"].backing.store
        found = self.runner.run(store.get(NORTH, "goal", self.ids["goal_id"]))
        assert found is not None
        return found.version

    def ask(self, route: Route, body: Any) -> RawAnswer:
        headers = [
            (b"authorization", f"Bearer {caller_of(route.operation, NORTH)}".encode()),
            JSON,
        ]
        if route.operation == "revise_goal":
            headers.append((b"if-match", b'"%d"' % self.version()))
        return self.runner.run(
            send(
                self.platform.services[route.service].app,
                route.method,
                route.path(self.ids),
                headers=headers,
                body=json.dumps(body).encode(),
            )
        )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.runner.close()


def test_all_that_happens_in_a_district_is_readable() -> None:
    """Each operation once, its moves too: nothing is parked."""
    site = Site()
    for service in site.platform.services.values():
        for projector in service.projectors:
            assert projector.counts.records > 0
            assert projector.counts.parked == 0
    site.runner.close()


@pytest.mark.parametrize("now", NOWS, ids=lambda now: now.date().isoformat())
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_what_is_accepted_is_readable(site: Site, route: Route, now: datetime) -> None:
    good = example_body(site.platform, route, site.ids)
    if "school_year" in good:  # a request names one that is near
        good["school_year"] = min(2100, school_year_of(now.date()))
    if "due_date" in good:
        good["due_date"] = now.date().isoformat()
    if "scheduled_for" in good:
        good["scheduled_for"] = now.isoformat()
    accepted = 0
    # what is proposed already stays as it is, and so does what is revised to the same
    may_stay = route.operation in STAYS

    site.at(now)

    @settings(max_examples=40, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(bodies(route, good))
    def each(body: Any) -> None:
        nonlocal accepted
        answer = site.ask(route, body)
        if answer.status in (200, 201):
            accepted += 1
            assert site.waiting(check=True) in ((0, 1) if may_stay else (1,))
        else:
            assert answer.status in REFUSED, answer.body
            assert site.waiting(check=True) == 0

    each()
    stays_in_its_year = route.operation == "reschedule_observation"
    assert accepted or now > NOWS[1] or (stays_in_its_year and now > START)


IDS = st.from_regex(ID_PATTERN, fullmatch=True)
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='",')).filter(
    lambda text: bool(text.strip())
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    person=IDS,
    session=IDS,
    names=st.tuples(CELLS, CELLS, CELLS),
    span=st.lists(st.sampled_from(DAYS), min_size=2, max_size=2),
    year=st.sampled_from(["1999", "2000", "2027", "2100", "2101"]),
)
def test_what_an_import_takes_is_readable(
    person: str, session: str, names: tuple[str, str, str], span: list[str], year: str
) -> None:
    files = good_files()
    for name in files:
        text = files[name].replace("teacher-1", person).replace("term-2", session)
        text = text.replace("2027-01-01,2027-07-01,year,2027", f"{span[0]},{span[1]},year,{year}")
        text = text.replace("Annie", names[0]).replace("Math 4a", names[1])
        files[name] = text.replace("Second", names[2])
    service = Service()

    async def load() -> int:
        await service.load(files)
        waiting = await service.documents.pending(500)
        for each in waiting:
            for event in each.events:
                assert_readable(event, each.district, each.id)
        return len(waiting)

    assert asyncio.run(load()) > 5
