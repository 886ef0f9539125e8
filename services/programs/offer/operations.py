"""What callers may do with coaches' offers: each coach with her own alone. Who gives the places of
a round is suggested coaches for a request that waits."""

from __future__ import annotations

from coaching.programs.v1 import coaching_offer_pb2, coaching_offer_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.offer import cases, matching
from services.programs.offer.cases import Ports
from services.programs.offer.domain import CoachingOffer
from services.programs.offer.matching import CoachSuggestion
from services.programs.offer.resources import (
    CoachingOfferPage,
    CoachSuggestionPage,
    coach_suggestion,
    coaching_offer_resource,
)

HERS = Policy(party=True, about="coaching_offer")
PLACES = Policy(program_lead=True, about="coaching_request")

OFFER: Noun[Ports, CoachingOffer] = Noun(
    "/coaching-offers/{coaching_offer_id}",
    lambda ports: ports.offers,
    coaching_offer_resource,
    names=lambda ports: ports.names,
)
SUGGESTION: Noun[Ports, CoachSuggestion] = Noun(
    "/coaching-requests/{coaching_request_id}/coach-suggestions/{coach_suggestion_id}",
    None,
    coach_suggestion,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    coaching_offer_pb2.DESCRIPTOR.services_by_name["CoachingOffersService"],
    coaching_offer_pb2_grpc.add_CoachingOffersServiceServicer_to_server,
    OFFER.create(cases.offer_coaching, HERS, late=None),
    OFFER.move(CoachingOffer.withdraw, HERS, when=CoachingOffer.check_withdraw, late=Late.WINS),
    OFFER.get(HERS),
    OFFER.find(cases.list_coaching_offers, HERS, CoachingOfferPage),
    SUGGESTION.find(matching.list_coach_suggestions, PLACES, CoachSuggestionPage),
)
