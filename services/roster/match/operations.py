"""What callers may do with records that may be one person: the district decides, and can take it
back."""

from __future__ import annotations

from coaching.roster.v1 import match_pb2, match_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.roster.match import cases, deciding
from services.roster.match.cases import Ports
from services.roster.match.domain import Match
from services.roster.match.resources import MatchPage, match_resource

DISTRICT = Policy(district_admin=True, about="person")

MATCH: Noun[Ports, Match] = Noun(
    "/matches/{match_id}",
    lambda ports: ports.matches,
    match_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    match_pb2.DESCRIPTOR.services_by_name["MatchesService"],
    match_pb2_grpc.add_MatchesServiceServicer_to_server,
    MATCH.create(cases.propose_match, DISTRICT),
    MATCH.change(deciding.confirm_match, DISTRICT, "confirm", when=deciding.check_confirm),
    MATCH.move(Match.dismiss, DISTRICT, when=Match.check_dismiss),
    MATCH.change(deciding.separate_match, DISTRICT, "separate", when=Match.check_separate),
    MATCH.get(DISTRICT),
    MATCH.find(cases.list_matches, DISTRICT, MatchPage),
)
