"""What the fields of rounds, requests for coaching and coaches' offers mean, as `meanings` has
it."""

from __future__ import annotations

from collections.abc import Mapping

ROUNDS: Mapping[str, str] = {
    "coaching_round_id": "The round in which teachers ask for coaching",
    "coaching_rounds": "Those of this page",
    "CoachingRound.title": "What the round is called",
    "CoachingRoundSummary.title": "What the round is called",
    "PlanCoachingRound.title": "What the round is called",
    "EditCoachingRound.title": "What the round is called",
    "options": "What is offered",
    "option_id": "Its id within the round, a short word",
    "RoundOption.label": "What it is, in words",
    "RoundOptionBody.label": "What it is, in words",
    **{
        f"{each}.{name}": meaning
        for each in (
            "CoachingRound",
            "CoachingRoundSummary",
            "PlanCoachingRound",
            "EditCoachingRound",
        )
        for name, meaning in (
            ("begin_date", "The first day on which teachers ask"),
            ("end_date", "The last such day"),
        )
    },
    "capacity": "How many are granted coaching in it at most",
    "full": "Whether every place is taken; who asks then waits",
    "CoachingRound.planned_by": "Who planned it",
    "CoachingRoundSummary.planned_by": "Who planned it",
    "CoachingRound.planned_at": "When it was planned",
    "CoachingRoundSummary.planned_at": "When it was planned",
    "CoachingRound.opened_at": "When it was opened by hand; null otherwise",
    "CoachingRoundSummary.opened_at": "When it was opened by hand; null otherwise",
    "CoachingRound.closed_at": "When it was closed by hand; null otherwise",
    "CoachingRoundSummary.closed_at": "When it was closed by hand; null otherwise",
    "coaching_request_id": "The request",
    "coaching_requests": "Those of this page",
    "option_ids": "What of the round's she asks for",
    "weekdays": "On which days she would like it; empty: on any",
    "day_parts": "At what time of the day; empty: at any",
    "place": "Hers among those who wait, from 1 on; null where she does not wait",
    "waiting_count": "How many wait; null where she does not",
    "asked_at": "When she asked, last where she asked again",
    **{
        f"{each}.{name}": meaning
        for each in ("CoachingRequest", "CoachingRequestSummary")
        for name, meaning in (
            ("note", "What else she says, for who leads the program; empty: nothing"),
            ("coach_id", "The coach who is proposed to her; empty: none"),
            ("over_at", "When it was over; null before"),
        )
    },
    **{
        f"{each}.{name}": meaning
        for each in ("CoachingRequest", "CoachingRequestSummary")
        for name, meaning in (
            (
                "grades",
                "For which grades she would like a coach, as in the roster; empty: whichever",
            ),
            ("subjects", "For which subjects, in her words; empty: any"),
            (
                "languages",
                "In which languages she would like to talk with her coach, as BCP 47 has them; "
                "empty: not said",
            ),
        )
    },
    "coaching_offer_id": "What a coach offers in a round",
    "coaching_offers": "Those of this page",
    "CoachingOffer.grades": "For which grades she coaches",
    "CoachingOffer.subjects": "For which subjects, in her words",
    "CoachingOffer.languages": "In which languages, as BCP 47 has them",
    "CoachingOffer.coach_id": "Whose it is",
    "CoachingOffer.offered_at": "When she last said so",
    "CoachingOffer.capacity": "How many teachers she would have in the school year, in all; 0 once "
    "it was taken back",
    "OfferCoaching.capacity": "How many teachers she would have in the school year, with those "
    "whom she has already, in whatever program",
    "coach_suggestions": "Those of this page",
    "CoachSuggestion.coach_id": "A coach who could be proposed to the teacher",
    "CoachSuggestion.capacity": "How many teachers the coach would have in all",
    "free_places": "How many more the coach has a place for in this school year",
    "same_grades": "The grades that the teacher asks for and the coach offers",
    "same_subjects": "The subjects, in the teacher's words",
    "same_languages": "The languages, as the teacher names them",
}
