"""The one place where the observations service is put together."""

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
from services.assembly.rooms import api_of, policies_of
from services.assembly.service import Given, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.chassis.write.find_indexes import FindIndex
from services.observations.observation import cases as observation
from services.observations.observation.codec import (
    OBSERVATION_SUMMARIES,
    OBSERVATIONS,
    RECEIPTS,
    REPORTS,
)
from services.observations.observation.duties import DUTIES as OBSERVATION_DUTIES
from services.observations.observation.duties import erasable_observations, kept_observations
from services.observations.settings import Settings
from services.observations.share.codec import OBSERVATION_SHARES
from services.observations.share.duties import DUTIES as SHARE_DUTIES
from services.observations.tool import cases as tool
from services.observations.tool.codec import TOOL_SUMMARIES, TOOLS
from services.observations.tool.published_tools import CachedTools

if TYPE_CHECKING:
    from services.assembly.rooms import Tables

NAME = "observations"
DUTIES: tuple[Assigned[Ports], ...] = (
    assigned(OBSERVATION_DUTIES, lambda _, rooms: rooms.observation),
    assigned(SHARE_DUTIES, lambda _, rooms: rooms.share),
    OF_DRAFTS,
    assigned(
        RETENTION_DUTIES,
        lambda start, rooms: kept_observations(rooms.observation, start.path(REPORTS)),
    ),
    assigned(artifact_duties(("observation",)), lambda _, rooms: _artifacts(rooms.observation)),
)
DRAFTS = ("scores", "observation", "tool")  # what is being typed
INDEXES: tuple[FindIndex, ...] = (
    ("tool", (), tool.BY_DATE),
    ("tool", ("drafted_by", "state")),
    ("observation_share", ("teacher",), share.BY_DATE),
    ("observation_share", ("artifact", "state")),
    ("observation_share", ("audience", "state")),
    ("observation_share", ("audience",), share.BY_DATE),
    ("observation", ("teacher",)),  # its date may change while they are read
    ("observation", ("observer",)),
    ("observation", ("teacher",), observation.BY_DATE),
    ("observation", ("teacher", "school_year"), observation.BY_DATE),
    ("observation", ("observer",), observation.BY_DATE),
    ("observation", ("teacher", "school_year", "scheduled_by", "state")),
    ("observation", ("observer", "state")),
    ("observation", ("school_year",)),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    tool: tool.Ports
    observation: observation.Ports
    share: share.Ports
    draft: draft.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(parts: PortParts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    access, path = parts.access_for(policies), parts.path(TOOLS)
    observations, tools = parts.path(OBSERVATIONS), CachedTools(path)
    shares = parts.path(OBSERVATION_SHARES)
    kept = [
        PersonalKind(OBSERVATIONS, observations),
        PersonalKind(OBSERVATION_SHARES, shares, share.BY_DATE),
    ]
    whose = OpenShares(shares, parts.clock).beside(observation.whose)
    return Ports(
        tool.Ports(
            tools=Guarded(path, access, parts.clock),
            summaries=GuardedList(parts.summaries(TOOL_SUMMARIES), access),
            access=access,
            clock=parts.clock,
        ),
        observation.Ports(
            observations=Guarded(observations, access, parts.clock, whose),
            path=observations,
            shares=shares,
            receipts=parts.path(RECEIPTS),
            drafts=parts.drafts,
            people=parts.directory,
            summaries=GuardedList(parts.summaries(OBSERVATION_SUMMARIES), access),
            tools=tools,
            names=NamesBeside(access, tool=tools.title),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
        share.Ports(
            shares=Guarded(shares, access, parts.clock, share.whose),
            path=shares,
            artifacts=observations,
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
            {"observation": Things(observations, observation.whose)},
        ),
    )


def _artifacts(own: observation.Ports) -> Artifacts:
    kinds = {"observation": erasable_observations(own)}
    return Artifacts(kinds, own.receipts, own.drafts, own.people, own.clock)


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.drafts.operations import drafts_of
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.observations.observation import operations as observation
    from services.observations.share import operations as share
    from services.observations.tool import operations as tool

    made: Tables = {
        "tool": tool.OPERATIONS,
        "observation": observation.OPERATIONS,
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
    start = base(NAME, settings, backing, **given)
    api = api_of(start, tables, ports, ("list_tools", PERSONAL, sync.SYNC))
    return write_service(start, api, ready(DUTIES, start, ports(start, {})))
