"""The one place where the privacy service is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from services.access.guarded import Guarded, GuardedList
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.assembly.rooms import api_of, policies_of
from services.assembly.service import Given, PortParts, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.write.mongo_documents import FindIndex
from services.privacy.acknowledgment import cases as acknowledgment
from services.privacy.acknowledgment.codec import ACKNOWLEDGMENTS
from services.privacy.erasure import cases as erasure
from services.privacy.erasure.codec import ERASURES
from services.privacy.erasure.duties import DUTIES, DutyPorts
from services.privacy.settings import Settings
from services.privacy.statement import cases as statement
from services.privacy.statement.codec import STATEMENT_SUMMARIES, STATEMENTS

if TYPE_CHECKING:
    from services.assembly.rooms import Tables

NAME = "privacy"
INDEXES: tuple[FindIndex, ...] = (
    ("statement", (), statement.BY_DATE),
    ("acknowledgment", ()),
    ("acknowledgment", ("statement",)),
    ("acknowledgment", ("person",)),
    ("erasure", (), erasure.BY_DATE),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    statement: statement.Ports
    acknowledgment: acknowledgment.Ports
    erasure: erasure.Ports


def ports(parts: PortParts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    access, path = parts.access_for(policies), parts.path(STATEMENTS)
    acknowledgments = parts.path(ACKNOWLEDGMENTS)
    return Ports(
        statement.Ports(
            statements=Guarded(path, access, parts.clock),
            summaries=GuardedList(parts.summaries(STATEMENT_SUMMARIES), access),
            clock=parts.clock,
        ),
        acknowledgment.Ports(
            acknowledgments=Guarded(acknowledgments, access, parts.clock, acknowledgment.hers),
            statements=path,
            names=NamesBeside(access),
            clock=parts.clock,
        ),
        erasure.Ports(
            erasures=Guarded(parts.path(ERASURES), access, parts.clock, erasure.about),
            names=NamesBeside(access),
            access=access,
            clock=parts.clock,
        ),
    )


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.privacy.acknowledgment import operations as acknowledgment
    from services.privacy.erasure import operations as erasure
    from services.privacy.statement import operations as statement

    return {
        "statement": statement.OPERATIONS,
        "acknowledgment": acknowledgment.OPERATIONS,
        "erasure": erasure.OPERATIONS,
    }


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(NAME, settings, backing, **given)
    duties = [each.on(DutyPorts(start.path(ERASURES), start.clock)) for each in DUTIES]
    return write_service(start, api_of(start, tables, ports), duties)
