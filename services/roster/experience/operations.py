"""What callers may do with experience: the district and its programs state it, each person sees her
own band, administrators that of one and how many are in each."""

from __future__ import annotations

from coaching.roster.v1 import experience_pb2, experience_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table, apart
from services.roster.experience import cases
from services.roster.experience.cases import Ports, StateExperience
from services.roster.experience.domain import Experience
from services.roster.experience.resources import (
    ExperienceReport,
    ExperienceSummary,
    experience_resource,
    report,
    summary,
)

STATED = Policy(district_admin=True, partners=True, about="experience")
DISTRICT = Policy(district_admin=True)
HERSELF = Policy(party=True, district_admin=True, about="experience")


async def state_experience(ports: Ports, call: Call, asked: StateExperience) -> ExperienceReport:
    """State how long at most 500 people have been in the profession: kept as a band, without the
    number. Wrong rows are answered with their places, and the rest is taken; the same again changes
    nothing."""
    return report(await cases.state(ports, call, asked), asked.validate_only)


async def summarize_experience(ports: Ports, call: Call) -> ExperienceSummary:
    """How many people of the roster are in each band. Without groups smaller than the district's
    `small_n`, and without what would tell them."""
    return summary(await cases.count(ports, call))


EXPERIENCE: Noun[Ports, Experience] = Noun(
    "/experience/{person_id:path}", None, experience_resource, names=lambda ports: ports.names
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    experience_pb2.DESCRIPTOR.services_by_name["ExperienceService"],
    experience_pb2_grpc.add_ExperienceServiceServicer_to_server,
    apart(state_experience, "POST", "/experience", STATED),
    apart(summarize_experience, "GET", "/experience-summary", DISTRICT),
    EXPERIENCE.get(HERSELF, cases.get_experience),
)
