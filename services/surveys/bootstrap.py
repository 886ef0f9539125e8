"""The one place where the surveys service is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from services.access.artifact_erasures import Artifacts, artifact_duties
from services.access.guarded import Guarded, GuardedList, GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.access.retention import DUTIES as RETENTION_DUTIES
from services.access.sharing import cases as share
from services.access.sharing.reading import OpenShares
from services.assembly.drafts import cases as draft
from services.assembly.drafts.duties import OF_DRAFTS
from services.assembly.duties import Assigned, assigned, ready
from services.assembly.explanations import cases as explanation
from services.assembly.explanations.cases import Things
from services.assembly.parts import PortParts
from services.assembly.personal_records import cases as personal_record
from services.assembly.personal_records.reading import PERSONAL, PersonalKind, sections_of
from services.assembly.rooms import edges_of, policies_of
from services.assembly.service import Given, ServedApi, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.chassis.edge.admission import Urgency
from services.chassis.write.find_indexes import FindIndex
from services.chassis.write.settled import SettledAggregates
from services.surveys.administration import cases as administration
from services.surveys.administration.codec import (
    ADMINISTRATION_SUMMARIES,
    ADMINISTRATIONS,
    RECEIPTS,
    REPORTS,
)
from services.surveys.administration.duties import DUTIES as SURVEY_DUTIES
from services.surveys.administration.duties import erasable_surveys, kept_surveys
from services.surveys.administration.memory_seats import MemorySeats
from services.surveys.administration.mongo_seats import MongoSeats
from services.surveys.administration.outline import AdministrationOutline
from services.surveys.administration.seats import Seats
from services.surveys.instrument import cases as instrument
from services.surveys.instrument.codec import INSTRUMENT_SUMMARIES, INSTRUMENTS
from services.surveys.settings import Settings
from services.surveys.share.codec import ADMINISTRATION_SHARES
from services.surveys.share.duties import DUTIES as SHARE_DUTIES

if TYPE_CHECKING:
    from services.assembly.rooms import Edges, Tables

NAME = "surveys"
DRAFTS = ("instrument", "administration")  # what is being typed
DUTIES: tuple[Assigned[Ports], ...] = (
    assigned(SURVEY_DUTIES, lambda _, rooms: rooms.administration),
    assigned(SHARE_DUTIES, lambda _, rooms: rooms.share),
    OF_DRAFTS,
    assigned(
        RETENTION_DUTIES,
        lambda start, rooms: kept_surveys(rooms.administration, start.path(REPORTS)),
    ),
    assigned(
        artifact_duties(("administration",)), lambda _, rooms: _artifacts(rooms.administration)
    ),
)
INDEXES: tuple[FindIndex, ...] = (
    ("instrument", ()),
    ("instrument", ("drafted_by", "state")),
    ("administration_share", ("teacher",), share.BY_DATE),
    ("administration_share", ("artifact", "state")),
    ("administration_share", ("audience", "state")),
    ("administration_share", ("meeting", "state")),
    ("administration_share", ("audience",), share.BY_DATE),
    ("administration", ("teacher",), administration.BY_DATE),
    ("administration", ("teacher", "school_year"), administration.BY_DATE),
    ("administration", ("teacher", "school_year", "scheduled_by", "state")),
    ("administration", ("class_id", "state")),
    ("administration", ("school_year",)),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    instrument: instrument.Ports
    administration: administration.Ports
    share: share.Ports
    draft: draft.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(parts: PortParts, policies: Policies, seats: Seats) -> Ports:
    """What the use cases need, on whatever stores."""
    access, path = parts.access_for(policies), parts.path(INSTRUMENTS)
    administrations, shares = parts.path(ADMINISTRATIONS), parts.path(ADMINISTRATION_SHARES)
    kept = [
        PersonalKind(ADMINISTRATIONS, administrations, administration.BY_DATE),
        PersonalKind(ADMINISTRATION_SHARES, shares, share.BY_DATE),
    ]
    fixed = SettledAggregates(path, lambda instrument: instrument.fixed)

    async def hers_alone(survey: AdministrationOutline) -> bool:
        agreed = await access.agreed(survey.district)
        return agreed.hers_alone(survey.closed_at, parts.clock.now())

    opening = OpenShares(shares, parts.clock, hers_alone, access.met_at)
    opened = opening.beside(administration.whose)

    async def title(district: str, instrument_id: str) -> str:
        instrument = await fixed.get(district, instrument_id)
        return instrument.title if instrument is not None else ""

    return Ports(
        instrument.Ports(
            instruments=Guarded(path, access, parts.clock),
            summaries=GuardedList(parts.summaries(INSTRUMENT_SUMMARIES), access),
            fixed=fixed,
            names=NamesBeside(access, instrument=title),
            access=access,
            clock=parts.clock,
        ),
        administration.Ports(
            administrations=Guarded(administrations, access, parts.clock, opened),
            path=administrations,
            shares=shares,
            receipts=parts.path(RECEIPTS),
            drafts=parts.drafts,
            summaries=GuardedList(parts.summaries(ADMINISTRATION_SUMMARIES), access),
            instruments=path,
            published=fixed,
            seats=seats,
            names=NamesBeside(access, instrument=title),
            access=access,
            view=parts.directory,
            days=parts.days,
            clock=parts.clock,
        ),
        share.Ports(
            shares=Guarded(shares, access, parts.clock, share.whose),
            path=shares,
            artifacts=administrations,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            clock=parts.clock,
        ),
        draft.Ports(parts.drafts, GuardedReads(access), access, parts.clock),
        personal_record.Ports(
            sections_of(NAME, parts.journal, kept, parts.drafts),
            GuardedReads(access),
        ),
        explanation.Ports(
            policies,
            access,
            GuardedReads(access),
            {"administration": Things(administrations, administration.whose)},
        ),
    )


def _artifacts(own: administration.Ports) -> Artifacts:
    kinds = {"administration": erasable_surveys(own)}
    return Artifacts(kinds, own.receipts, own.drafts, own.view, own.clock)


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.drafts.operations import drafts_of
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.surveys.administration import operations as administration
    from services.surveys.instrument import operations as instrument
    from services.surveys.share import operations as share

    made: Tables = {
        "instrument": instrument.OPERATIONS,
        "administration": administration.OPERATIONS,
        "share": share.OPERATIONS,
        "draft": drafts_of(NAME, DRAFTS),
        "personal_record": personal_records_of(NAME, more=dict.fromkeys(DRAFTS, "author")),
        "explanation": explanations_of(NAME),
    }
    return {**made, sync.SYNC: sync_of(NAME, made)}


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    seats: Seats = backing.own(MongoSeats, lambda _: MemorySeats())
    start = base(NAME, settings, backing, **given)

    def api() -> ServedApi:
        from services.assembly.api import build_api

        granted = policies()
        return build_api(
            start,
            granted,
            *edges(ports(start, granted, seats)),
            urgencies=dict.fromkeys(("list_instruments", PERSONAL, sync.SYNC), Urgency.BULK),
        )

    return write_service(start, api, ready(DUTIES, start, ports(start, {}, seats)))


def edges(made: Ports) -> Edges:
    """The routes and the RPCs of all rooms."""
    from services.surveys.administration.operations import Rpcs, routes

    routers, rpcs = edges_of(tables(), made, Rpcs(made.administration))
    return [*routers, routes(made.administration)], rpcs
