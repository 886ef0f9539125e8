"""One trace follows a goal's progress from the request to the live message of the coach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.chassis.log.envelope import open_envelope
from services.chassis.metrics import LIVE_SECONDS
from services.chassis.tracing import NO_SPANS, Tracer
from services.chassis.views.canonical import canonical
from services.chassis.views.followed import TRACE
from tests.support.coaching import YEAR, Coaching
from tests.support.collector import Collector, Exported, collecting
from tests.support.platform import Platform
from tests.support.waiting import eventually

COACH, TEACHER = "coach-01", "teacher-0001"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = (f"00-{TRACE_ID}-{CALLER}-0{flag}" for flag in "10")
TOPIC = "coaching.goals.v1"


class Site:
    """A coach and her teacher with a goal, and a collector of spans."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.platform = Platform(otlp_endpoint=collector.address, trace_ratio=0.0)
        self.north = Coaching(self.platform)
        self.goal = ""

    async def begin(self) -> None:
        await self.north.import_roster()
        await self.platform.settle()
        await self.north.relate(1)
        await self.platform.settle()
        self.goal = await self.north.active_goal(COACH, TEACHER)
        await self.platform.settle()

    async def progress(self, value: int, traceparent: str) -> None:
        answer = await self.platform.ask(
            self.north.who(TEACHER),
            "POST",
            f"/goals/v1/goals/{self.goal}/progress",
            {"value": value},
            headers={"traceparent": traceparent},
        )
        assert answer.is_success

    async def exported(self) -> list[Exported]:
        for service in self.platform.services.values():
            await asyncio.to_thread(service.tracer.flush)
        return self.collector.of(TRACE_ID)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[list[bytes]]:
        """What the coach's live caseload is sent, as it is sent."""
        insights = self.platform.services["insights"]
        assert insights.api is not None
        stop, sent = asyncio.Event(), list[bytes]()
        path = f"/insights/v1/caseloads/{COACH}/live"
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": f"school_year={YEAR}".encode(),
            "headers": [(b"authorization", f"Bearer {self.north.who(COACH)}".encode())],
            "client": ("127.0.0.1", 1),
            "server": ("insights", 80),
        }

        async def receive() -> Any:
            await stop.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        hub = asyncio.ensure_future(insights.api.roles["api.live"](stop))
        reading = asyncio.ensure_future(insights.app(scope, receive, send))
        try:
            await eventually(lambda: TEACHER.encode() in b"".join(sent))
            yield sent
        finally:
            stop.set()
            await asyncio.wait([hub, reading])
            reading.result()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with collecting() as collector:
        made = Site(collector)
        await made.begin()
        yield made
        for service in made.platform.services.values():
            await asyncio.to_thread(service.tracer.stop)


async def test_one_trace_from_the_request_to_the_live_message(site: Site) -> None:
    async with site.live() as sent:
        before = len(sent)
        await site.progress(45, SAMPLED)
        await site.platform.settle()
        await eventually(lambda: b"event: entry" in b"".join(sent[before:]))
    insights = site.platform.services["insights"]
    exposed = insights.app.state.gate.metrics.exposition().decode()
    assert f"{LIVE_SECONDS.name}_count 1.0" in exposed  # and the first entries are no changes
    spans = await site.exported()
    by_name = {(each.service, each.name): each for each in spans}
    request = by_name["goals", "POST /goals/v1/goals/{goal_id}/progress"]
    published = by_name["goals", f"publish {TOPIC}"]
    projected = by_name["insights", "project insights"]
    told = by_name["insights", "send live entry"]
    chain = [request, published, projected, told]
    assert [each.parent for each in chain] == [CALLER, *(each.id for each in chain[:3])]
    # every view that reads the event is in it, each once
    views = {each.name for each in spans if each.parent == published.id}
    assert views == {"project insights", "project timeline"}
    assert len(spans) == len({(each.service, each.name) for each in spans})
    assert not [each for each in spans if each.failed]


async def test_the_record_names_the_span_that_published_it(site: Site) -> None:
    await site.progress(45, SAMPLED)
    await site.platform.settle()
    record = site.platform.log.all(TOPIC)[-1]
    (published,) = [each for each in await site.exported() if each.name == f"publish {TOPIC}"]
    assert open_envelope(record.headers, record.key).trace == f"00-{TRACE_ID}-{published.id}-01"


async def test_what_is_not_sampled_leaves_no_span_and_its_id_goes_along(site: Site) -> None:
    await site.progress(45, UNSAMPLED)
    await site.platform.settle()
    assert await site.exported() == []
    record = site.platform.log.all(TOPIC)[-1]
    trace = open_envelope(record.headers, record.key).trace
    assert (trace[:35], trace[-2:]) == (UNSAMPLED[:35], "00")
    assert not [row for row in cards(site) if TRACE in row]


def cards(site: Site) -> list[Any]:
    views: Any = site.platform.services["insights"].backing.views
    return list(views.rows["cards"].values())


async def test_the_next_change_that_nobody_follows_takes_the_trace_away(site: Site) -> None:
    await site.progress(45, SAMPLED)
    await site.platform.settle()
    (followed,) = [row for row in cards(site) if TRACE in row]
    plain = {name: value for name, value in followed.items() if name != TRACE}
    assert canonical(followed) == canonical(plain)
    await site.progress(46, UNSAMPLED)
    await site.platform.settle()
    assert not [row for row in cards(site) if TRACE in row]


@pytest.mark.parametrize("traceparent", ["", "junk1", UNSAMPLED, f"00-{'0' * 32}-{CALLER}-01"])
def test_only_a_sampled_trace_is_followed(traceparent: str) -> None:
    assert NO_SPANS.follow("any", SAMPLED) is None
    tracer = Tracer("any", endpoint="http://127.0.0.1:1")
    assert tracer.follow("any", traceparent) is None
    span = tracer.follow("any", SAMPLED)
    assert span is not None
    assert span.trace_id == TRACE_ID
