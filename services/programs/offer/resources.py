"""Answers about coaches' offers and who is suggested, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.offer.domain import CoachingOffer, OfferState
from services.programs.offer.matching import CoachSuggestion


class CoachingOfferResource(Acted):
    """For whom a coach would coach in a round. Nobody else sees it as a whole."""

    coaching_offer_id: str
    coaching_round_id: str
    program_id: str
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    school_year: int
    state: OfferState
    grades: list[str]
    subjects: list[str]
    languages: list[str]
    capacity: int
    offered_at: datetime
    version: int


class CoachingOfferPage(PageResource):
    coaching_offers: list[CoachingOfferResource]


class CoachSuggestionResource(Resource):
    """A coach who could be proposed to the teacher of a request: of what the teacher asks for what
    goes with the coach's offer."""

    coach_id: str
    coach_name: str | None = name_of("coach_id")
    same_grades: list[str]
    same_subjects: list[str]
    same_languages: list[str]
    free_places: int
    capacity: int


class CoachSuggestionPage(PageResource):
    coach_suggestions: list[CoachSuggestionResource]


def coaching_offer_resource(offer: CoachingOffer) -> CoachingOfferResource:
    """One coach's offer in a round, for herself."""
    return CoachingOfferResource(
        coaching_offer_id=offer.id,
        coaching_round_id=offer.round,
        program_id=offer.program,
        coach_id=offer.coach,
        school_year=offer.school_year,
        state=offer.state,
        grades=list(offer.teaching.grades),
        subjects=list(offer.teaching.subjects),
        languages=list(offer.teaching.languages),
        capacity=offer.capacity,
        offered_at=offer.offered_at,
        version=offer.version,
    )


def coach_suggestion(suggestion: CoachSuggestion) -> CoachSuggestionResource:
    """One who is suggested."""
    return CoachSuggestionResource(
        coach_id=suggestion.coach,
        same_grades=list(suggestion.shared.grades),
        same_subjects=list(suggestion.shared.subjects),
        same_languages=list(suggestion.shared.languages),
        free_places=suggestion.free,
        capacity=suggestion.capacity,
    )
