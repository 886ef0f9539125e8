"""The one place where the privacy service is put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Unpack

from services.access.guarded import Guarded, GuardedList, GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.assembly.duties import Assigned, assigned, ready
from services.assembly.explanations import cases as explanation
from services.assembly.parts import PortParts
from services.assembly.personal_records import cases as personal_record
from services.assembly.personal_records.reading import PERSONAL, PersonalKind, sections_of
from services.assembly.registry import LOOKS, LOOKS_GROUP
from services.assembly.rooms import api_of, policies_of
from services.assembly.service import Given, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.chassis.log.collector import Collector
from services.chassis.observe import CollectorMetrics
from services.chassis.write.find_indexes import FindIndex
from services.privacy.acknowledgment import cases as acknowledgment
from services.privacy.acknowledgment.codec import ACKNOWLEDGMENTS
from services.privacy.artifact_erasure import cases as artifact_erasure
from services.privacy.artifact_erasure import duties as artifact_duties
from services.privacy.artifact_erasure.codec import ARTIFACT_ERASURES
from services.privacy.erasure import cases as erasure
from services.privacy.erasure import duties as erasure_duties
from services.privacy.erasure.codec import ERASURES
from services.privacy.look import cases as look
from services.privacy.look import duties as look_duties
from services.privacy.look.collecting import CollectedLooks
from services.privacy.look.kept import LooksAtHer
from services.privacy.look.looks import Looks
from services.privacy.look.memory_looks import MemoryLooks
from services.privacy.look.mongo_looks import MongoLooks
from services.privacy.partner import cases as partner
from services.privacy.partner.codec import PARTNERS
from services.privacy.policy import cases as policy
from services.privacy.policy.codec import POLICIES
from services.privacy.receipt import cases as receipt
from services.privacy.receipt import duties as receipt_duties
from services.privacy.receipt.codec import RECEIPTS
from services.privacy.retention import cases as retention
from services.privacy.retention import duties as retaining
from services.privacy.retention.codec import RETENTIONS
from services.privacy.settings import Settings
from services.privacy.statement import cases as statement
from services.privacy.statement.codec import STATEMENT_SUMMARIES, STATEMENTS

if TYPE_CHECKING:
    from services.assembly.rooms import Tables

NAME = "privacy"
DUTIES: tuple[Assigned[Looks], ...] = (
    assigned(
        erasure_duties.DUTIES,
        lambda start, _: erasure_duties.DutyPorts(
            start.path(ERASURES), start.directory, start.clock
        ),
    ),
    assigned(
        artifact_duties.DUTIES,
        lambda start, _: artifact_duties.DutyPorts(
            start.path(ARTIFACT_ERASURES), start.path(ERASURES), start.directory, start.clock
        ),
    ),
    assigned(
        retaining.DUTIES,
        lambda start, _: retaining.ClockPorts(
            start.path(RETENTIONS),
            start.path(POLICIES),
            start.path(ERASURES),
            start.directory,
            start.days,
            start.clock,
        ),
    ),
    assigned(
        look_duties.DUTIES,
        lambda start, looks: look_duties.DutyPorts(
            looks, start.path(RETENTIONS), start.directory, start.days, start.clock
        ),
    ),
    assigned(
        receipt_duties.DUTIES,
        lambda start, looks: receipt_duties.DutyPorts(
            start.path(RECEIPTS),
            start.path(PARTNERS),
            looks,
            start.directory,
            start.days,
            start.clock,
        ),
    ),
)
INDEXES: tuple[FindIndex, ...] = (
    ("statement", (), statement.BY_DATE),
    ("policy", (), policy.BY_DATE),
    ("acknowledgment", ()),
    ("acknowledgment", ("statement",)),
    ("acknowledgment", ("person",)),
    ("erasure", (), erasure.BY_DATE),
    ("erasure", ("state",)),
    ("partner", (), partner.BY_DATE),
    ("receipt", (), receipt.BY_DATE),
    ("receipt", ("person",), receipt.BY_DATE),
    ("receipt", ("partner",), receipt.BY_DATE),
    ("receipt", ("cause",), receipt.BY_DATE),
    ("erasure", ("person",)),
    ("artifact_erasure", (), artifact_erasure.BY_DATE),
    ("artifact_erasure", ("person",), artifact_erasure.BY_DATE),
    ("artifact_erasure", ("person", "state", "own")),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    statement: statement.Ports
    policy: policy.Ports
    acknowledgment: acknowledgment.Ports
    look: look.Ports
    erasure: erasure.Ports
    artifact_erasure: artifact_erasure.Ports
    retention: retention.Ports
    partner: partner.Ports
    receipt: receipt.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(parts: PortParts, policies: Policies, looks: Looks) -> Ports:
    """What the use cases need, on whatever stores."""
    access, path = parts.access_for(policies), parts.path(STATEMENTS)
    acknowledgments, versions = parts.path(ACKNOWLEDGMENTS), parts.path(POLICIES)
    erasures, artifacts = parts.path(ERASURES), parts.path(ARTIFACT_ERASURES)
    receipts = parts.path(RECEIPTS)
    kept = [
        PersonalKind(ACKNOWLEDGMENTS, acknowledgments),
        PersonalKind(ERASURES, erasures),
        PersonalKind(ARTIFACT_ERASURES, artifacts, artifact_erasure.BY_DATE),
        PersonalKind(RECEIPTS, receipts, receipt.BY_DATE),
    ]
    return Ports(
        statement.Ports(
            statements=Guarded(path, access, parts.clock),
            summaries=GuardedList(parts.summaries(STATEMENT_SUMMARIES), access),
            clock=parts.clock,
        ),
        policy.Ports(
            policies=Guarded(versions, access, parts.clock),
            versions=versions,
            statements=path,
            days=parts.days,
            clock=parts.clock,
        ),
        acknowledgment.Ports(
            acknowledgments=Guarded(acknowledgments, access, parts.clock, acknowledgment.hers),
            statements=path,
            names=NamesBeside(access),
            clock=parts.clock,
        ),
        look.Ports(
            looks=looks,
            reads=GuardedReads(access),
            access=access,
            names=NamesBeside(access),
            days=parts.days,
        ),
        erasure.Ports(
            erasures=Guarded(erasures, access, parts.clock, erasure.about),
            path=erasures,
            artifacts=artifacts,
            view=parts.directory,
            names=NamesBeside(access),
            access=access,
            clock=parts.clock,
        ),
        artifact_erasure.Ports(
            orders=Guarded(artifacts, access, parts.clock, artifact_erasure.about(access)),
            names=NamesBeside(access),
            access=access,
            clock=parts.clock,
        ),
        retention.Ports(parts.path(RETENTIONS), GuardedReads(access)),
        partner.Ports(
            partners=Guarded(parts.path(PARTNERS), access, parts.clock),
            names=NamesBeside(access),
            clock=parts.clock,
        ),
        receipt.Ports(
            receipts=Guarded(receipts, access, parts.clock, receipt.about(access)),
            people=access,
            names=NamesBeside(access),
            clock=parts.clock,
        ),
        personal_record.Ports(
            [*sections_of(NAME, parts.journal, kept), LooksAtHer(looks)],
            GuardedReads(access),
        ),
        explanation.Ports(policies, access, GuardedReads(access), {}),
    )


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.privacy.acknowledgment import operations as acknowledgment
    from services.privacy.artifact_erasure import operations as artifact_erasure
    from services.privacy.erasure import operations as erasure
    from services.privacy.look import operations as look
    from services.privacy.partner import operations as partner
    from services.privacy.policy import operations as policy
    from services.privacy.receipt import operations as receipt
    from services.privacy.retention import operations as retention
    from services.privacy.statement import operations as statement

    made: Tables = {
        "statement": statement.OPERATIONS,
        "policy": policy.OPERATIONS,
        "acknowledgment": acknowledgment.OPERATIONS,
        "look": look.OPERATIONS,
        "erasure": erasure.OPERATIONS,
        "artifact_erasure": artifact_erasure.OPERATIONS,
        "retention": retention.OPERATIONS,
        "partner": partner.OPERATIONS,
        "receipt": receipt.OPERATIONS,
        "personal_record": personal_records_of(NAME, more={"look": "person"}),
        "explanation": explanations_of(NAME),
    }
    return {**made, sync.SYNC: sync_of(NAME, made)}


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(NAME, settings, backing, **given)
    looks: Looks = backing.own(MongoLooks, lambda _: MemoryLooks())
    collector = Collector(
        LOOKS_GROUP,
        backing.source(LOOKS_GROUP, (LOOKS,)),
        CollectedLooks(looks, start.troubles, start.days, start.clock),
        start.clock,
        watch=CollectorMetrics(start.metrics, LOOKS_GROUP),
    )
    return write_service(
        start,
        api_of(
            start,
            tables,
            partial(ports, looks=looks),
            (
                PERSONAL,
                sync.SYNC,
            ),
        ),
        ready(DUTIES, start, looks),
        others={"relay.looks": collector},
    )
