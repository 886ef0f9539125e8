"""What the fields of coaching sessions mean, as `room_meanings` has those of other rooms."""

from __future__ import annotations

from collections.abc import Mapping

SESSIONS: Mapping[str, str] = {
    "coaching_session_id": "The coaching session",
    "coaching_sessions": "Those of this page",
    "starts_at": "When it begins; once it was held, when it did, as its coach says",
    "teachers": "Whom it is of: until it is held who is to come, then who came",
    "activities": "What the minutes went into, each into one",
    "activity": "What was done",
    "invited": "How many teachers were to come",
    "barriers": "What stood in the way",
    "materials_unit": "The unit of the materials that it was about, by its code; null: of none",
    "series_id": "The series that it is one of; null: of none",
    "CoachingSession.recorded_at": "When it was said to be held or missed; null before",
    "CoachingSessionSummary.recorded_at": "When it was said to be held or missed; null before",
    "summarized_at": "When its coach wrote the summary; null before",
    "CoachingSession.voided_at": "When it was voided; null where it counts",
    "CoachingSessionSummary.voided_at": "When it was voided; null where it counts",
    "every_weeks": "How many weeks lie between two",
    "occurrences": "How many there are to be, all of one school year",
    "SessionSeries.coaching_sessions": "All of the series, the oldest first",
    "SessionOccurrence.starts_at": "When it is to begin",
    "held_at": "When it began, as its coach says",
    "attended_ids": "Who came, by their sourcedIds",
    "ScheduleCoachingSession.teacher_ids": "Whom it is of; none: time in support of teachers",
    "CoachingSession.kind": "With whom the time is spent",
    "CoachingSessionSummary.kind": "With whom the time is spent",
    "ScheduleCoachingSession.kind": "With whom the time is spent",
    "CoachingSession.minutes": "How long it took, those of its activities together; 0 until then",
    "CoachingSessionSummary.minutes": (
        "How long it took, those of its activities together; 0 until then"
    ),
    "TimeSpent.minutes": "How many minutes went into it",
    "SpentOn.minutes": "How many minutes went into it",
    "RecordContact.minutes": "How long it took",
    "RecordContact.activity": "What they did",
    "CoachingSession.summary": "What its coach wrote for whom it is of; empty until then",
    "SummarizeCoachingSession.summary": "What it was about, for whom it is of",
    "CorrectCoachingSession.summary": "What it was about, for whom it is of",
    "CoachingSession.corrections": "What was recorded before it was put right; oldest first. None "
    "of it is told to partners' programs",
    "CoachingSession.plans": "When it was to be held before; oldest first. None of it is told to "
    "partners' programs",
    "PlannedBefore.starts_at": "When it was to begin",
    "PlannedBefore.changed_by": "Who moved it, or recorded another time",
    "PlannedBefore.changed_at": "When that was done",
    "CoachingSession.scheduled_at": "When it was planned or, unplanned, recorded",
    "CoachingSessionSummary.scheduled_at": "When it was planned or, unplanned, recorded",
    "CoachingSession.scheduled_by": "Who planned or recorded it",
    "CoachingSessionSummary.scheduled_by": "Who planned or recorded it",
    "CoachingSession.corrected_at": "When what was recorded was last put right; null: never",
    "CoachingSessionSummary.corrected_at": "When what was recorded was last put right; null: never",
    "SessionCorrection.attended": "How many came, as was said before",
    "SessionCorrection.held_at": "When it began, as was said before",
    "SessionCorrection.summary": "The summary as it was before; may be empty",
    "SessionCorrection.corrected_at": "When it was put right or voided",
    "SessionCorrection.corrected_by": "Who put it right or voided it",
}
