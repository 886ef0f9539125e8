"""What callers may do with their interest in pairs: each with her own alone."""

from __future__ import annotations

from coaching.programs.v1 import pair_interest_pb2, pair_interest_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.pairing import cases
from services.programs.pairing.cases import PairSuggestion, Ports
from services.programs.pairing.domain import PairInterest
from services.programs.pairing.resources import (
    PairSuggestionPage,
    pair_interest_resource,
    pair_suggestion,
)

HERS = Policy(party=True, about="pair_interest")

INTEREST: Noun[Ports, PairInterest] = Noun(
    "/pair-interests/{pair_interest_id}",
    lambda ports: ports.interests,
    pair_interest_resource,
    names=lambda ports: ports.names,
)
SUGGESTION: Noun[Ports, PairSuggestion] = Noun(
    "/pair-suggestions/{pair_suggestion_id}",
    None,
    pair_suggestion,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    pair_interest_pb2.DESCRIPTOR.services_by_name["PairInterestsService"],
    pair_interest_pb2_grpc.add_PairInterestsServiceServicer_to_server,
    INTEREST.create(cases.state_pair_interest, HERS, late=None),
    INTEREST.move(PairInterest.withdraw, HERS, when=PairInterest.check_withdraw, late=Late.WINS),
    INTEREST.get(HERS),
    SUGGESTION.find(cases.list_pair_suggestions, HERS, PairSuggestionPage),
)
