"""The one place where the roster service is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from services.access.access import Access
from services.access.guarded import Guarded, GuardedList, GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.assembly.duties import Assigned, assigned, ready
from services.assembly.explanations import cases as explanation
from services.assembly.parts import PortParts
from services.assembly.personal_records import cases as personal_record
from services.assembly.personal_records.reading import PERSONAL, sections_of
from services.assembly.roles import Moving
from services.assembly.rooms import edges_of, policies_of
from services.assembly.service import Base, Given, ServedApi, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.chassis.edge.admission import Urgency
from services.roster.academic_session import cases as academic_session
from services.roster.academic_session.codec import SESSIONS
from services.roster.calendar import cases as calendar
from services.roster.calendar.codec import CALENDARS
from services.roster.class_ import cases as class_
from services.roster.class_.codec import CLASSES
from services.roster.cover import cases as cover
from services.roster.cover.codec import COVERS
from services.roster.experience import cases as experience
from services.roster.experience.codec import EXPERIENCES
from services.roster.grant import cases as grant
from services.roster.grant import duties as of_grants
from services.roster.grant.codec import GRANTS
from services.roster.imports import cases as imports
from services.roster.imports.identifiers import Identifiers
from services.roster.imports.jobs import Jobs
from services.roster.imports.lateness import LateRosters
from services.roster.imports.matching import Matching
from services.roster.imports.memory_identifiers import MemoryIdentifiers
from services.roster.imports.memory_jobs import MemoryJobs
from services.roster.imports.mongo_identifiers import MongoIdentifiers
from services.roster.imports.mongo_jobs import MongoJobs
from services.roster.imports.runner import ImportRunner
from services.roster.indexes import INDEXES as INDEXES
from services.roster.kept import kept_of_people
from services.roster.match import by_setting, finishing
from services.roster.match import cases as match
from services.roster.match import duties as of_matches
from services.roster.match.codec import MATCHES
from services.roster.match.domain import Match
from services.roster.names import RosterNames
from services.roster.org import cases as org
from services.roster.org.codec import ORGS
from services.roster.own_grants import OwnGrants
from services.roster.person import cases as person
from services.roster.person import duties as of_people
from services.roster.person.codec import PEOPLE
from services.roster.settings import Settings

if TYPE_CHECKING:
    from services.assembly.rooms import Edges, Tables

NAME = "roster"
DUTIES: tuple[Assigned[match.Ports], ...] = (
    assigned(of_people.DUTIES, lambda start, _: of_people.Ports(start.path(PEOPLE), start.clock)),
    assigned(of_matches.DUTIES, lambda start, _: records_ports(start)),
    assigned(
        by_setting.DUTIES,
        lambda start, matches: by_setting.Ports(matches, start.path(MATCHES), start.directory),
    ),
    assigned(finishing.DUTIES, lambda _, matches: matches),
    assigned(
        of_grants.DUTIES,
        lambda start, _: of_grants.Ports(start.path(GRANTS), start.days, start.clock),
    ),
)
BULK = (
    "import_roster",
    "state_experience",
    "summarize_experience",
    "list_imports",
    "get_import",
    "get_import_report",
    "list_people",
    "list_staff",
    "list_classes",
    "list_orgs",
    "list_academic_sessions",
    PERSONAL,
    sync.SYNC,
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    imports: imports.Ports
    person: person.Ports
    class_: class_.Ports
    org: org.Ports
    academic_session: academic_session.Ports
    calendar: calendar.Ports
    grant: grant.Ports
    cover: cover.Ports
    experience: experience.Ports
    match: match.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(
    parts: PortParts,
    policies: Policies,
    most_removals: float,
    jobs: Jobs,
    identifiers: Identifiers,
) -> Ports:
    """What the use cases need, on whatever stores. `most_removals` as in the settings."""
    access = parts.access_for(policies, OwnGrants(parts.directory, parts.path(GRANTS)))
    orgs, sessions = parts.path(ORGS), parts.path(SESSIONS)
    people, classes = parts.path(PEOPLE), parts.path(CLASSES)
    experiences = parts.path(EXPERIENCES)
    names = RosterNames(orgs, access, policies["list_orgs"])
    return Ports(
        imports_ports(parts, policies, most_removals, jobs, identifiers),
        person.Ports(
            people=Guarded(people, access, parts.clock, person.herself),
            path=people,
            orgs=orgs,
            reads=GuardedReads(access),
            names=names,
            access=access,
            clock=parts.clock,
        ),
        class_.Ports(
            classes=GuardedList(classes, access), path=classes, names=names, access=access
        ),
        org.Ports(orgs=GuardedList(orgs, access), names=names),
        academic_session.Ports(sessions=GuardedList(sessions, access)),
        calendar.Ports(
            calendars=Guarded(parts.path(CALENDARS), access, parts.clock),
            orgs=orgs,
        ),
        grant.Ports(
            grants=Guarded(parts.path(GRANTS), access, parts.clock, grant.whose),
            orgs=orgs,
            names=NamesBeside(access),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
        cover.Ports(
            covers=Guarded(parts.path(COVERS), access, parts.clock, cover.whose),
            names=NamesBeside(access),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
        experience.Ports(
            experiences=Guarded(experiences, access, parts.clock, experience.whose),
            path=experiences,
            reads=GuardedReads(access),
            names=NamesBeside(access),
            access=access,
        ),
        match_ports(parts, access, Guarded),
        personal_record.Ports(
            sections_of(NAME, parts.journal, kept_of_people(parts)), GuardedReads(access)
        ),
        explanation.Ports(policies, access, GuardedReads(access), {}),
    )


def records_ports(start: Base) -> of_matches.Ports:
    people, classes, grants = start.path(PEOPLE), start.path(CLASSES), start.path(GRANTS)
    covers, days = start.path(COVERS), start.days
    return of_matches.Ports(people, classes, grants, covers, start.directory, days, start.clock)


def match_ports(parts: PortParts, access: Access, guarded: type[Guarded[Match]]) -> match.Ports:
    path = parts.path(MATCHES)
    return match.Ports(
        matches=guarded(path, access, parts.clock, match.both),
        path=path,
        people=parts.path(PEOPLE),
        grants=parts.path(GRANTS),
        covers=parts.path(COVERS),
        names=NamesBeside(access),
        access=access,
        clock=parts.clock,
    )


def imports_ports(
    parts: PortParts,
    policies: Policies,
    most_removals: float,
    jobs: Jobs,
    identifiers: Identifiers,
) -> imports.Ports:
    return imports.Ports(
        orgs=parts.path(ORGS),
        sessions=parts.path(SESSIONS),
        people=parts.path(PEOPLE),
        classes=parts.path(CLASSES),
        access=parts.access_for(policies),
        days=parts.days,
        clock=parts.clock,
        matching=Matching(identifiers, parts.path(MATCHES), parts.clock),
        most_removals=most_removals,
        jobs=jobs,
    )


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.roster.academic_session import operations as academic_session
    from services.roster.calendar import operations as calendar
    from services.roster.class_ import operations as class_
    from services.roster.cover import operations as cover
    from services.roster.experience import operations as experience
    from services.roster.grant import operations as grant
    from services.roster.imports import operations as imports
    from services.roster.match import operations as match
    from services.roster.org import operations as org
    from services.roster.person import operations as person

    made: Tables = {
        "imports": imports.OPERATIONS,
        "person": person.OPERATIONS,
        "class_": class_.OPERATIONS,
        "org": org.OPERATIONS,
        "academic_session": academic_session.OPERATIONS,
        "calendar": calendar.OPERATIONS,
        "grant": grant.OPERATIONS,
        "cover": cover.OPERATIONS,
        "experience": experience.OPERATIONS,
        "match": match.OPERATIONS,
        "personal_record": personal_records_of(NAME),
        "explanation": explanations_of(NAME),
    }
    return {**made, sync.SYNC: sync_of(NAME, made)}


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(NAME, settings, backing, **given)
    jobs: Jobs = backing.own(MongoJobs, lambda _: MemoryJobs())
    known: Identifiers = backing.own(MongoIdentifiers, lambda _: MemoryIdentifiers())
    share = settings.roster_removal_share

    def api() -> ServedApi:
        from services.assembly.api import build_api

        granted = policies()
        made = ports(start, granted, share, jobs, known)
        urgencies = dict.fromkeys(BULK, Urgency.BULK)
        return build_api(start, granted, *edges(made), urgencies=urgencies)

    runner = ImportRunner(imports_ports(start, {}, share, jobs, known))
    matches = match_ports(start, start.access_for({}), by_setting.OwnMatches)
    duties = ready(DUTIES, start, matches)
    late = LateRosters(start.districts, jobs, start.clock, start.metrics)
    others: dict[str, Moving] = {"duties.imports": runner, "duties.late_rosters": late}
    return write_service(start, api, duties, others=others)


def edges(made: Ports) -> Edges:
    """The routes and the RPCs of all rooms."""
    from services.roster.imports.operations import Rpcs, routes

    routers, rpcs = edges_of(tables(), made, Rpcs(made.imports))
    return [routes(made.imports), *routers], rpcs
