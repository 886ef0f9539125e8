"""Answers about interest in pairs, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.pairing.cases import PairSuggestion
from services.programs.pairing.domain import PairInterest, PairInterestState


class PairInterestResource(Acted):
    """What a teacher can show others and would like to learn. Nobody else sees it as a whole."""

    pair_interest_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: PairInterestState
    offers: list[str]
    seeks: list[str]
    stated_at: datetime
    version: int


class PairSuggestionResource(Resource):
    """Another teacher with whom the caller could be a pair: of what each says what goes with what
    the other says."""

    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    offers_you: list[str]
    seeks_of_you: list[str]
    same_school: bool
    program_ids: list[str]


class PairSuggestionPage(PageResource):
    pair_suggestions: list[PairSuggestionResource]


def pair_interest_resource(interest: PairInterest) -> PairInterestResource:
    """One teacher's interest, for herself."""
    return PairInterestResource(
        pair_interest_id=interest.id,
        teacher_id=interest.teacher,
        school_year=interest.school_year,
        state=interest.state,
        offers=list(interest.offers),
        seeks=list(interest.seeks),
        stated_at=interest.stated_at,
        version=interest.version,
    )


def pair_suggestion(suggestion: PairSuggestion) -> PairSuggestionResource:
    """One who is suggested."""
    return PairSuggestionResource(
        teacher_id=suggestion.teacher,
        offers_you=list(suggestion.offers_you),
        seeks_of_you=list(suggestion.seeks_of_you),
        same_school=suggestion.same_school,
        program_ids=list(suggestion.programs),
    )
