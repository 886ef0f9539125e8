"""Insights alone on memory adapters, fed with events as the other services publish them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any

import httpx2
from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.districts import District, Districts
from services.access.profile import Profile, Role
from services.access.projection import COLLECTION
from services.assembly.registry import TOPICS
from services.assembly.service import base
from services.chassis.backing import memory
from services.chassis.call import Call, Principal
from services.chassis.log.envelope import PendingEvent, headers_of
from services.chassis.log.memory_log import MemoryLog
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row, topics_of
from services.chassis.views.projector import Projector, Timing
from services.chassis.write.documents import JournalEntry
from services.insights.bootstrap import Stores, build, policies, ports
from services.insights.caseload.caseloads import CaseloadView, Scope
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.settings import Settings
from services.insights.ticket.memory_tickets import MemoryTickets
from services.insights.timeline.memory_timelines import MemoryTimelines
from tests.support.clocks import FakeClock
from tests.support.platform import NamedCallers, described_once, settings_of

DISTRICT, COACH, OTHER_COACH, YEAR = "north", "coach-1", "coach-2", 2027


def view_on(
    day: date, coach: str = COACH, district: str = DISTRICT, year: int = YEAR
) -> CaseloadView:
    """The caseload of somebody who may coach, in a district with the usual rules."""
    profile = Profile(coach, True, (Role("ext:coach", "school-1"),))
    return CaseloadView(Scope(district, coach, year), profile, day, District())


class NoNotices:
    """Tests tell the hub themselves what has changed."""

    async def ready(self) -> None:
        return None

    async def follow(self) -> AsyncIterator[Sequence[str] | None]:
        nothing: tuple[Sequence[str], ...] = ()
        for each in nothing:
            yield each


class Insights:
    """`service` is the real one; `ports` are a second reader of the same views whose hub
    hears of changes only through `settle`."""

    district = DISTRICT  # of whom the next events speak

    def __init__(self, districts: Districts | None = None) -> None:
        districts = districts or Districts()
        self.clock = FakeClock()
        self.log = MemoryLog()
        self.backing = memory(self.log)
        with described_once():
            self.service = build(
                settings_of(Settings, live_mailbox=8),
                self.backing,
                districts=districts,
                clock=self.clock,
                identity=NamedCallers(),
            )
        for projector in self.service.projectors:
            # whoever finds nothing does not wait for it, however far a test moves the clock
            projector.timing = Timing(wait=0.0, stall=1e9)
        assert isinstance(self.backing.views, MemoryViews)
        self.views = self.backing.views
        settings = settings_of(Settings, live_mailbox=64, max_live_streams=20)
        parts = base("insights", settings, self.backing, districts=districts, clock=self.clock)
        self.directory = parts.directory
        stores = Stores(
            MemoryCards(self.views), MemoryTimelines(self.views), NoNotices(), MemoryTickets()
        )
        self.ports = ports(parts, policies(), stores, settings)
        self.entries: list[JournalEntry] = []
        self._versions: dict[str, int] = {}

    def publish(self, message: Message, aggregate: str, key: str, year: int = YEAR) -> None:
        """Append the next event of an aggregate to its topic."""
        version = self._versions[aggregate] = self._versions.get(aggregate, 0) + 1
        event = PendingEvent(
            version=version,
            event_id=str(uuid.uuid4()),
            type=message.DESCRIPTOR.full_name,
            keys=(f"{self.district}:{key}",),
            data=message.SerializeToString(),
            occurred_at=self.clock.now(),
            year=year,
        )
        self.entries.append(JournalEntry(aggregate, self.district, event))
        headers = headers_of(
            event,
            source="/test",
            district=self.district,
            aggregate_id=aggregate,
            key=event.keys[0],
        )
        (topic,) = topics_of([event.type])
        self.log.append(topic, event.keys[0].encode(), event.data, headers)

    def republish(self) -> None:
        """Every record once more, behind all the others."""
        for topic in TOPICS:
            for record in list(self.log.all(topic)):
                assert record.key is not None
                self.log.append(record.topic, record.key, record.value, record.headers)

    def rows(self) -> dict[str, Row]:
        return dict(self.views.rows.get("cards", {}))

    async def settle(self) -> None:
        """Project all there is and tell the hub."""
        await self.ports.live.hub.changed(await self.project())
        await self.ports.live.hub.look_at_people()

    def projectors(self) -> Sequence[Projector]:
        return self.service.projectors

    async def project(self) -> list[str]:
        """Project all there is; the ids of the changed cards and people."""
        before = self._shown()
        for _ in range(100):
            moved = 0
            for projector in self.projectors():
                seen = projector.counts.records
                await projector.round()
                moved += projector.counts.records - seen
                moved += projector.source.behind(projector.positions())
            if not moved:
                break
        return [key for key, row in self._shown().items() if before.get(key) is not row]

    def _shown(self) -> dict[str, Row]:
        return {**self.rows(), **self.views.rows.get(COLLECTION, {})}

    def call(self, operation: str, person: str = COACH, district: str = DISTRICT) -> Call:
        return Call(operation, Principal(district, person=person))

    def client(self, caller: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.service.app),
            base_url="http://insights",
            headers={"Authorization": f"Bearer {caller}"},
        )

    # What happens in a district.

    def person(
        self, person: str, *roles: str, family: str = "Rivera", active: bool = True, **more: Any
    ) -> None:
        """A teacher unless told."""
        said = roster.Person(
            person_id=person,
            given_name=person.title(),
            family_name=family,
            roles=[
                roster.RoleAssignment(role=role, org_id="school-1") for role in roles or ["teacher"]
            ],
            status=roster.RECORD_STATUS_ACTIVE if active else roster.RECORD_STATUS_REMOVED,
            **more,
        )
        kind = roster.PersonUpserted if active else roster.PersonRemoved
        self.publish(kind(person=said), f"person-{person}", person, 0)

    def org(self, org: str, name: str, *, active: bool = True) -> None:
        status = roster.RECORD_STATUS_ACTIVE if active else roster.RECORD_STATUS_REMOVED
        said = roster.Org(org_id=org, name=name, type="school", status=status)
        kind = roster.OrgUpserted if active else roster.OrgRemoved
        self.publish(kind(org=said), f"org-{org}", org, 0)

    def term(self, starts: str, ends: str, session: str = "term-1") -> None:
        said = roster.AcademicSession(
            session_id=session,
            type="term",
            start_date=starts,
            end_date=ends,
            school_year=YEAR,
            status=roster.RECORD_STATUS_ACTIVE,
        )
        message = roster.AcademicSessionUpserted(session=said)
        self.publish(message, f"session-{session}", session, 0)

    def coached(
        self,
        teacher: str,
        coach: str = COACH,
        active: bool = True,
        year: int = YEAR,
        told: bool = False,
    ) -> None:
        state = (
            relationships.RELATIONSHIP_STATE_ACTIVE
            if active
            else relationships.RELATIONSHIP_STATE_ENDED
        )
        said = relationships.RelationshipSnapshot(
            relationship_id=f"rel-{teacher}-{coach}" + (f"-{year}" if year != YEAR else ""),
            coach_id=coach,
            teacher_id=teacher,
            school_year=year,
            state=state,
            acknowledged=[relationships.ACKNOWLEDGMENT_COACH_LEADS] if told else [],
        )
        said.accepted_at.FromDatetime(self.clock.now())
        kind = relationships.RelationshipAccepted if active else relationships.RelationshipEnded
        self.publish(kind(relationship=said), said.relationship_id, teacher, year)

    def progress(self, teacher: str, value: float, goal: str = "", **more: Any) -> None:
        said = goals.GoalSnapshot(
            goal_id=goal or f"goal-{teacher}",
            teacher_id=teacher,
            school_year=(year := more.pop("school_year", YEAR)),
            state=more.pop("state", goals.GOAL_STATE_ACTIVE),
            measure_id="talk-share",
            unit="percent",
            direction=goals.DIRECTION_INCREASE,
            baseline=10,
            target=20,
            current=value,
            progress_count=1,
            **more,
        )
        for name in ("last_progress_at", "drafted_at", "activated_at"):
            getattr(said, name).FromDatetime(self.clock.now())
        self.publish(goals.GoalProgressRecorded(goal=said), said.goal_id, teacher, year)

    def survey(self, teacher: str, n: int, share: float, k: int = 10) -> None:
        said = surveys.AdministrationSnapshot(
            administration_id=f"adm-{teacher}",
            instrument_id="belonging",
            teacher_id=teacher,
            school_year=YEAR,
            state=surveys.ADMINISTRATION_STATE_CLOSED,
            results=surveys.Results(small_n=k, n=n, n_min=n, n_max=n + 9, favorable_share=share)
            if n >= k
            else surveys.Results(small_n=k, suppressed=True),
        )
        said.closed_at.FromDatetime(self.clock.now())
        message = surveys.AdministrationClosed(administration=said)
        self.publish(message, said.administration_id, teacher)

    def observed(
        self, teacher: str, shared: bool, at: datetime | None = None, by: str = COACH
    ) -> None:
        state = (
            observations.OBSERVATION_STATE_SHARED
            if shared
            else observations.OBSERVATION_STATE_COMPLETED
        )
        said = observations.ObservationSnapshot(
            observation_id=f"obs-{teacher}",
            observer_id=by,
            teacher_id=teacher,
            tool_id="teach",
            school_year=YEAR,
            state=state,
        )
        said.completed_at.FromDatetime(at or self.clock.now())
        if shared:
            said.shared_at.FromDatetime(self.clock.now())
        kind = observations.ObservationShared if shared else observations.ObservationCompleted
        self.publish(kind(observation=said), said.observation_id, teacher)


async def small_district(district: District | None = None) -> Insights:
    """Two coaches; `t1` and `t2` with the first, `t3` with the second, `t4` with nobody."""
    insights = Insights(Districts({DISTRICT: district}) if district else None)
    for coach in (COACH, OTHER_COACH):
        insights.person(coach, "ext:coach")
    for teacher in ("t1", "t2", "t3", "t4"):
        insights.person(teacher)
    insights.coached("t1")
    insights.coached("t2")
    insights.coached("t3", OTHER_COACH)
    await insights.settle()
    return insights
